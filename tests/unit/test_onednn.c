/* SPDX-License-Identifier: Apache-2.0 */
/* Tests of model/onednn: lines of every version are understood, and nothing else is. */
#include "model/onednn.h"

#include "base/text.h"
#include "tests/support/cmocka_all.h"

#include <errno.h>
#include <string.h>

static const char tail_2[] = "cpu,reorder,jit:uni,undef,src_f32::blocked:abcd:f0 "
			     "dst_f32::blocked:aBcd8b:f0,,,2x16x7x7";
static const char tail_3[] =
	"cpu,matmul,gemm:jit:f32,undef,src:f32::blocked:abc::f0 "
	"wei:f32::blocked:abc::f0 bia:f32::blocked:abc::f0_mask4 "
	"dst:f32::blocked:abc::f0,attr-post-ops:eltwise_relu,,3x128x256:3x256x512";

static struct onednn_line read_line(const char *text)
{
	struct onednn_line line;

	onednn_read(text, strlen(text), &line);
	return line;
}

static void assert_part(struct onednn_part part, const char *text)
{
	char copy[ONEDNN_LINE_MAX];

	text_print(copy, sizeof(copy), "%.*s", (int)part.length, part.at);
	assert_string_equal(copy, text);
}

static void assert_executed(const char *begins, const char *tail, const char *time,
			    int64_t stamp_ns, int64_t time_ns)
{
	struct onednn_line line;
	char text[2048];

	text_print(text, sizeof(text), "%s%s,%s", begins, tail, time);
	line = read_line(text);
	assert_int_equal(line.verb, ONEDNN_EXEC);
	assert_true(line.has_time);
	assert_int_equal(line.time_ns, time_ns);
	assert_int_equal(line.stamp_ns, stamp_ns);
	assert_part(line.descriptor, tail);
	assert_part(line.event, "exec");
}

static void lines_of_every_version_are_executions(void **state)
{
	static const char old[] =
		"convolution,jit:avx2,forward_training,fsrc:nChw8c fwei:OIhw8i8o fbia:x "
		"fdst:nChw8c,alg:convolution_direct,mb112_g1ic64oc64_ih28oh28kh3sh1dh0ph1_iw28";
	static const char first[] = "cpu,reorder,jit:uni,undef,src_f32::blocked:abcd:f0 "
				    "dst_f32::blocked:aBcd8b:f0,num:1,2x16x7x7";

	(void)state;
	assert_executed("mkldnn_verbose,exec,", old, "1.13", 0, 1130000);
	assert_executed("mkldnn_verbose,exec,", first, "0.468994", 0, 468994);
	assert_executed("dnnl_verbose,exec,", tail_2, "0.0200195", 0, 20019);
	assert_executed("dnnl_verbose,1607393146348.667969,exec,", tail_2, "1",
			INT64_C(1607393146348667960), 1000000);
	assert_executed("onednn_verbose,exec,", tail_2, "0.25", 0, 250000);
	assert_executed("onednn_verbose,1795189590427.913086,exec,", tail_2, "7.96289",
			INT64_C(1795189590427913080), 7962890);
	assert_executed("onednn_verbose,primitive,exec,", tail_3, "0.5", 0, 500000);
	assert_executed("onednn_verbose,1795190559167.689941,primitive,exec,", tail_3, "0.5",
			INT64_C(1795190559167689940), 500000);
	assert_executed("onednn_verbose,v0,primitive,exec,", tail_3, "0.5", 0, 500000);
	assert_executed("onednn_verbose,v1,1795190559167.689941,primitive,exec,", tail_3, "5.71094",
			INT64_C(1795190559167689940), 5710940);
	assert_executed("onednn_verbose,v12,ukernel,exec,", tail_3, "1e-05", 0, 10);
	assert_executed("onednn_verbose,exec,", tail_2, "1.2e+03\r", 0, 1200000000);
}

static void creations_and_information_are_told_apart(void **state)
{
	struct onednn_line line = read_line(
		"onednn_verbose,v1,1795190559167.1,primitive,create:cache_hit,cpu,reorder,jit:uni,"
		"undef,src:f32::blocked:a::f0 dst:f32::blocked:a::f0,,,32,0.0058");

	(void)state;
	assert_int_equal(line.verb, ONEDNN_CREATE);
	assert_part(line.event, "create:cache_hit");
	assert_int_equal(line.time_ns, 5800);
	assert_int_equal(read_line("onednn_verbose,info,oneDNN v2.6.3 (commit N/A)").verb,
			 ONEDNN_INFO);
	assert_int_equal(read_line("onednn_verbose,v1,graph,info,template:operation,engine").verb,
			 ONEDNN_INFO);
	assert_int_equal(read_line("onednn_verbose,v1,info,cpu,isa:AVX-512 with A, B and C").verb,
			 ONEDNN_INFO);
	assert_int_equal(
		read_line("onednn_verbose,v0,primitive,create:check,matmul,dimension src:1 "
			  "is inconsistent with weights:0,src/common/matmul.cpp:144")
			.verb,
		ONEDNN_MESSAGE);
	assert_int_equal(read_line("onednn_verbose,v1,1.5,primitive,create:dispatch,convolution,"
				   "unsupported format tag,./a.cpp:228")
				 .verb,
			 ONEDNN_MESSAGE);
	assert_int_equal(read_line("onednn_verbose,v1,graph,exec,cpu,100,conv_post_ops,a,b,c,d,e,"
				   "dnnl_backend,1.5")
				 .verb,
			 ONEDNN_MESSAGE);
}

static void a_missing_time_is_not_zero(void **state)
{
	struct onednn_line line =
		read_line("mkldnn_verbose,exec,gpu,reorder,ocl,undef,src_f32::blocked:a:f0 "
			  "dst_f32::blocked:a:f0,num:1,32");

	(void)state;
	assert_int_equal(line.verb, ONEDNN_EXEC);
	assert_false(line.has_time);
	line = read_line("mkldnn_verbose,exec,gpu,reorder,ocl,undef,src_f32::blocked:a:f0 "
			 "dst_f32::blocked:a:f0,num:1,32,0.5");
	assert_true(line.has_time);
	assert_int_equal(line.time_ns, 500000);
}

static void what_was_cut_or_mixed_is_unknown(void **state)
{
	static const char *const lines[] = {
		"onednn_verbose,",
		"onednn_verbose,exec",
		"onednn_verbose,exec,cpu,reorder,jit:uni,undef,src_f32::bl",
		"onednn_verbose,exec,cpu,reorder,jit:uni,undef,a,,,2x16,abc",
		"onednn_verbose,exec,cpu,reorder,jit:uni,undef,a,,,2x16,nan",
		"onednn_verbose,exec,cpu,reorder,jit:uni,undef,a,,,2x16,-1",
		"onednn_verbose,exec,cpu,reorder,jit:uni,undef,a,,,2x16,1e99",
		"onednn_verbose,exec,cpu,reorder,jit:uni,undef,a,,,2x16,99999999999999999999",
		"onednn_verbose,exec,cpu,reonednn_verbose,exec,cpu,reorder,jit:uni,undef,a,,,2,1",
		"onednn_verbose,exec,a,b,c,d,e,f,g,h,i,j,k,l,m,n,o,p,q,r,s,t,u,v,w,x,y,z",
		"onednn_verbose,17951895904279130861795189590427913086.1,exec,cpu",
		"onednn_verbose,v1,1795190559167.1",
		"onednn_verbose,v1,primitive",
		"onednn_verbose,v1,primitive,later,cpu",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++)
		assert_int_equal(read_line(lines[i]).verb, ONEDNN_UNKNOWN);
	assert_int_equal(read_line("").verb, ONEDNN_NONE);
	assert_int_equal(read_line("onednn_verbos").verb, ONEDNN_NONE);
	assert_int_equal(read_line(" onednn_verbose,exec").verb, ONEDNN_NONE);
	assert_int_equal(read_line("epoch 1 loss 0.5").verb, ONEDNN_NONE);
}

static void a_part_of_a_marker_may_become_one(void **state)
{
	(void)state;
	assert_int_equal(onednn_marker("onednn_verbose,x", 16), 15);
	assert_int_equal(onednn_marker("dnnl_verbose,", 13), 13);
	assert_int_equal(onednn_marker("mkldnn_v", 8), -1);
	assert_int_equal(onednn_marker("o", 1), -1);
	assert_int_equal(onednn_marker("one more", 8), 0);
	assert_int_equal(onednn_marker("dnnl_verbose x", 14), 0);
}

static void fields_are_found_whatever_the_version_leaves_out(void **state)
{
	static const char old[] = "convolution,jit:avx2,forward_training,fsrc:nChw8c,alg:a,mb1";
	static const char first[] = "gpu,reorder,jit:uni,undef,src_f32::blocked:a:f0,num:1,2x16";
	struct onednn_descriptor fields;

	(void)state;
	assert_int_equal(onednn_split(tail_3, strlen(tail_3), &fields), 0);
	assert_part(fields.engine, "cpu");
	assert_part(fields.kind, "matmul");
	assert_part(fields.implementation, "gemm:jit:f32");
	assert_part(fields.attributes, "attr-post-ops:eltwise_relu");
	assert_part(fields.auxiliary, "");
	assert_part(fields.shape, "3x128x256:3x256x512");
	assert_int_equal(onednn_split(old, strlen(old), &fields), 0);
	assert_part(fields.engine, "");
	assert_part(fields.kind, "convolution");
	assert_part(fields.attributes, "");
	assert_part(fields.auxiliary, "alg:a");
	assert_part(fields.shape, "mb1");
	assert_int_equal(onednn_split(first, strlen(first), &fields), 0);
	assert_part(fields.engine, "gpu");
	assert_part(fields.auxiliary, "num:1");
}

static void descriptors_with_hostile_bytes_are_none(void **state)
{
	static const char *const bad[] = {
		"cpu,reor\033[2Jder,jit,undef,a,,,2x16",
		"cpu,re order,jit,undef,a,,,2x16",
		"cpu,,jit,undef,a,,,2x16",
		"cpu,reorder,onednn_verbose,undef,a,,,2x16",
		"cpu,reorder,jit,undef,a",
		"cpu,reorder,jit,undef,a,,,2x16,,,,",
	};
	struct onednn_descriptor fields;

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_int_equal(onednn_split(bad[i], strlen(bad[i]), &fields), -EINVAL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lines_of_every_version_are_executions),
		cmocka_unit_test(creations_and_information_are_told_apart),
		cmocka_unit_test(a_missing_time_is_not_zero),
		cmocka_unit_test(what_was_cut_or_mixed_is_unknown),
		cmocka_unit_test(a_part_of_a_marker_may_become_one),
		cmocka_unit_test(fields_are_found_whatever_the_version_leaves_out),
		cmocka_unit_test(descriptors_with_hostile_bytes_are_none),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
