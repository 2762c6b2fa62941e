#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# A model's server beside jouletop: its tokens become work, with the joules of each, live, in the recording and in replay.
set -u
. "$(dirname "${BASH_SOURCE[0]}")/../support/tap.sh"
jouletop=${JOULETOP:?}
place=$(mktemp -d)
cd "$place" || exit 1
python=$(command -v python3)
trap 'kill "$server" 2>/dev/null; rm -rf "$place"' EXIT
server=

for words in 'ftp://x/metrics' '/run/socket' 'http://' 'unix:///run/s' 'a b'; do
	"$jouletop" -b -n 1 --work-url "$words" >/dev/null 2>wrong.err
	[ $? = 1 ] && [ "$(wc -l <wrong.err)" = 1 ]
	result $? "only pages over HTTP are taken: $words" "$(cat wrong.err)"
done
"$jouletop" -b -n 1 --slo itl=3 >/dev/null 2>wrong.err
[ $? = 1 ] && grep -q 'ttft=200ms' wrong.err
result $? 'a promise that is none is wrong usage' "$(cat wrong.err)"

"$jouletop" -b -n 1 --work-url localhost:1 >/dev/null 2>without.err
if [ -z "$python" ] || grep -q 'without libcurl' without.err; then
	for name in 'tokens have their joules' 'replay shows the same' 'a server that is gone is said'; do
		number=$((number + 1))
		echo "ok $count - $name # SKIP no python3 or no libcurl"
	done
	echo "1..$count"
	exit 0
fi

cat >server.py <<'TEXT'
import http.server, time
begin = time.monotonic()
class Page(http.server.BaseHTTPRequestHandler):
    def log_message(self, *words):
        pass
    def do_GET(self):
        tokens = int(1000 + 500 * (time.monotonic() - begin))
        lines = [f'vllm:generation_tokens_total{{engine="0"}} {tokens}.0',
                 f'vllm:request_success_total{{finished_reason="stop"}} {tokens // 50}.0',
                 'vllm:num_requests_running{engine="0"} 4.0']
        for bound, share in (("0.1", 0.5), ("0.2", 1), ("+Inf", 1)):
            lines.append(f'vllm:time_to_first_token_seconds_bucket{{le="{bound}"}} {int(tokens * share)}')
        text = ("\n".join(lines) + "\n").encode()
        self.send_response(200)
        self.send_header("Content-Type", "text/plain; version=0.0.4; charset=utf-8")
        self.end_headers()
        self.wfile.write(text)
server = http.server.HTTPServer(("127.0.0.1", 0), Page)
print(server.server_port, flush=True)
server.serve_forever()
TEXT
"$python" server.py >port 2>/dev/null &
server=$!
for _ in $(seq 1 500); do [ -s port ] && break; sleep 0.02; done
"$jouletop" -b -d 0.25 --duration 5s --tdp 65 --work-url "127.0.0.1:$(cat port)" --slo ttft=100ms -o s.csv >/dev/null 2>live.err
grep -qE '^    tokens .* per second, ~?[0-9.]+ m?J each' live.err && grep -qE '^    requests ' live.err &&
	grep -q 'vllm at 127.0.0.1' live.err && grep -qE 'first token .*p99 .*SLO 100.0 ms: missed by' live.err
result $? 'tokens have their joules' "$(cat live.err)"
"$jouletop" replay -b s.csv 2>replay.err >/dev/null
diff <(grep -A 5 '  serving' live.err) <(grep -A 5 '  serving' replay.err) >&2
result $? 'replay shows the same' "$(cat replay.err)"
kill "$server"
wait "$server" 2>/dev/null
"$jouletop" -b -d 0.25 -n 6 --strict --work-url "127.0.0.1:$(cat port)" -o gone.csv >/dev/null 2>gone.err
code=$?
[ $code = 3 ] && grep -q 'source,serving,failed,.*nobody answers there' gone.csv
result $? 'a server that is gone is said' "$code $(grep source,serving gone.csv)"
echo "1..$count"
