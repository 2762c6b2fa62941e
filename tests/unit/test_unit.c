/* SPDX-License-Identifier: Apache-2.0 */
/* Tests of base/unit: quantities to text and back. */
#include "base/unit.h"

#include "base/clock.h"
#include "base/memory.h"
#include "tests/support/cmocka_all.h"

#include <errno.h>
#include <locale.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

static void assert_si(double value, const char *unit, const char *expected)
{
	char out[UNIT_TEXT_SIZE];

	assert_string_equal(unit_si(out, value, unit), expected);
}

static void si_shows_three_to_four_digits(void **state)
{
	(void)state;
	assert_si(412.3, "W", "412.3 W");
	assert_si(1820, "W", "1.82 kW");
	assert_si(18.2, "W", "18.2 W");
	assert_si(89100, "J", "89.1 kJ");
	assert_si(0.00721, "W", "7.21 mW");
	assert_si(61.2e9, "FLOP/s", "61.2 GFLOP/s");
	assert_si(3.1e12, "FLOP/s", "3.10 TFLOP/s");
	assert_si(2e15, "B", "2.00 PB");
	assert_si(5e-6, "J", "5.00 uJ");
	assert_si(5e-9, "J", "5.00 nJ");
	assert_si(0, "W", "0.00 W");
	assert_si(-1820, "W", "-1.82 kW");
}

static void si_rounding_moves_to_the_next_prefix(void **state)
{
	(void)state;
	assert_si(999.94, "W", "999.9 W");
	assert_si(999.96, "W", "1.00 kW");
	assert_si(9.996, "W", "10.0 W");
	assert_si(0.99996, "W", "1.00 W");
}

static void si_without_unit_takes_no_small_prefix(void **state)
{
	(void)state;
	assert_si(0.52, "", "0.52");
	assert_si(1.92, "", "1.92");
	assert_si(0, "", "0.00");
	assert_si(1820, "", "1.82 k");
	assert_si(0.0123, "", "0.012");
	assert_si(0.00094, "", "0.00094");
	assert_si(0.00096, "", "0.0010");
}

static void a_little_is_never_shown_as_zero(void **state)
{
	char out[UNIT_TEXT_SIZE];

	(void)state;
	assert_si(5e-8, "", "5e-08");
	assert_string_equal(unit_percent(out, 0.0001), "<0.1 %");
	assert_string_equal(unit_percent(out, 0), "0.0 %");
}

static void si_never_grows_wider_than_its_column(void **state)
{
	char out[UNIT_TEXT_SIZE];

	(void)state;
	for (double value = 1e-9; value < 9.9e17; value *= 1.0007)
		if (strlen(unit_si(out, value, "W")) > strlen("999.9 kW"))
			fail_msg("%s", out);
}

static void what_is_undefined_is_a_dash(void **state)
{
	char out[UNIT_TEXT_SIZE];

	(void)state;
	assert_si(NAN, "W", "-");
	assert_si(INFINITY, "W", "-");
	assert_string_equal(unit_percent(out, NAN), "-");
	assert_string_equal(unit_duration(out, -1), "-");
	assert_string_equal(unit_frequency(out, NAN), "-");
	assert_string_equal(unit_bytes(out, -1), "-");
	assert_string_equal(unit_number(out, NAN, 2), "-");
}

static void percent_has_one_decimal(void **state)
{
	char out[UNIT_TEXT_SIZE];

	(void)state;
	assert_string_equal(unit_percent(out, 0.003), "0.3 %");
	assert_string_equal(unit_percent(out, 1), "100.0 %");
	assert_string_equal(unit_percent(out, 5.12), "512.0 %");
}

static void durations_read_like_a_clock(void **state)
{
	char out[UNIT_TEXT_SIZE];

	(void)state;
	assert_string_equal(unit_duration(out, 0), "00:00:00");
	assert_string_equal(unit_duration(out, 761 * CLOCK_NS_PER_S + 999), "00:12:41");
	assert_string_equal(unit_duration(out, 86399 * CLOCK_NS_PER_S), "23:59:59");
	assert_string_equal(unit_duration(out, (2 * 86400 + 3 * 3600 + 12 * 60) * CLOCK_NS_PER_S),
			    "2d 03:12");
}

static void frequencies_and_sizes_choose_their_unit(void **state)
{
	char out[UNIT_TEXT_SIZE];

	(void)state;
	assert_string_equal(unit_frequency(out, 3.412e9), "3.41 GHz");
	assert_string_equal(unit_frequency(out, 1.98e9), "1980 MHz");
	assert_string_equal(unit_frequency(out, 0.8e9), "800 MHz");
	assert_string_equal(unit_frequency(out, 32768), "32.8 kHz");
	assert_string_equal(unit_bytes(out, 1536), "1.5 KiB");
	assert_string_equal(unit_bytes(out, 1023), "1023 B");
	assert_string_equal(unit_bytes(out, INT64_C(1610612736)), "1.5 GiB");
	assert_string_equal(unit_bytes(out, (1 << 20) - 1), "1.0 MiB");
	assert_string_equal(unit_bytes(out, INT64_MAX), "8.0 EiB");
}

static void numbers_do_not_follow_the_locale(void **state)
{
	char out[UNIT_TEXT_SIZE];

	(void)state;
	if (!setlocale(LC_ALL, "de_DE.UTF-8"))
		setlocale(LC_ALL, "C.UTF-8");
	assert_string_equal(unit_number(out, -2.345, 2), "-2.35");
	assert_string_equal(unit_number(out, 3, 0), "3");
	assert_string_equal(unit_number(out, 1e30, 2), "1e+30");
	assert_si(412.3, "W", "412.3 W");
	setlocale(LC_ALL, "C");
}

static void durations_are_parsed_with_their_unit(void **state)
{
	static const struct {
		const char *text;
		int64_t time_ns;
	} good[] = {
		{"0.5", 500000000},
		{"250ms", 250000000},
		{"2s", 2000000000},
		{"1m", 60000000000},
		{"1h", 3600000000000},
		{"1.5h", 5400000000000},
		{"7us", 7000},
		{"3ns", 3},
		{"0", 0},
		{"1d", 86400000000000},
		{".5s", 500000000},
	};
	static const char *const malformed[] = {"",    "s",    "1x",  "1 s", " 1", "1s ",
						"1.s", "1..2", "1e3", "--1", "1-2"};
	static const char *const beyond[] = {"-1", "-0.5ms", "3654d", "99999999999999999999",
					     "0.1234567891"};
	int64_t time_ns = 0;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(good); i++) {
		assert_int_equal(unit_parse_duration(good[i].text, &time_ns), 0);
		assert_true(time_ns == good[i].time_ns);
	}
	for (size_t i = 0; i < ARRAY_SIZE(malformed); i++)
		assert_int_equal(unit_parse_duration(malformed[i], &time_ns), -EINVAL);
	for (size_t i = 0; i < ARRAY_SIZE(beyond); i++)
		assert_int_equal(unit_parse_duration(beyond[i], &time_ns), -ERANGE);
}

static void decimals_are_exact(void **state)
{
	char out[24];

	(void)state;
	assert_int_equal(unit_decimal(out, 60712345, 6), 9);
	assert_string_equal(out, "60.712345");
	unit_decimal(out, 5, 6);
	assert_string_equal(out, "0.000005");
	unit_decimal(out, -5, 9);
	assert_string_equal(out, "-0.000000005");
	unit_decimal(out, 0, 0);
	assert_string_equal(out, "0");
	unit_decimal(out, INT64_MIN, 6);
	assert_string_equal(out, "-9223372036854.775808");
	unit_decimal(out, INT64_MIN, 18);
	assert_string_equal(out, "-9.223372036854775808");
}

static void assert_round_trip(int64_t raw, int digits)
{
	char out[24];
	int64_t back = ~raw;
	size_t length = unit_decimal(out, raw, digits);

	assert_true(length < sizeof(out));
	assert_int_equal(strlen(out), length);
	assert_int_equal(unit_parse_decimal(out, length, digits, &back), 0);
	assert_true(back == raw);
}

static void decimals_round_trip_over_the_full_range(void **state)
{
	static const int64_t extremes[] = {INT64_MIN, INT64_MIN + 1, -1,       0,
					   1,	      INT64_MAX - 1, INT64_MAX};
	unsigned int seed = 11;

	(void)state;
	for (int digits = 0; digits <= 18; digits++) {
		for (size_t i = 0; i < ARRAY_SIZE(extremes); i++)
			assert_round_trip(extremes[i], digits);
		for (int64_t power = 1; power <= INT64_MAX / 10; power *= 10) {
			assert_round_trip(power - 1, digits);
			assert_round_trip(-power, digits);
		}
		for (int i = 0; i < 5000; i++) {
			uint64_t bits = (uint64_t)rand_r(&seed) << 62 ^
					(uint64_t)rand_r(&seed) << 31 ^ (uint64_t)rand_r(&seed);

			assert_round_trip((int64_t)(bits >> rand_r(&seed) % 64), digits);
			assert_round_trip((int64_t)bits, digits);
		}
	}
}

static void decimals_with_fewer_digits_are_scaled(void **state)
{
	int64_t raw;

	(void)state;
	assert_int_equal(unit_parse_decimal("60.7", 4, 6, &raw), 0);
	assert_true(raw == 60700000);
	assert_int_equal(unit_parse_decimal("60,", 2, 6, &raw), 0); /* only `length` bytes count */
	assert_true(raw == 60000000);
}

static void bad_decimals_are_refused(void **state)
{
	static const char *const malformed[] = {"",   "-",  ".",   "1.", "1.2.3", "+1",
						" 1", "1 ", "1e3", "-.", "a",	  "1.-2"};
	static const char *const beyond[] = {"9223372036854.775808", "-9223372036854.775809",
					     "0.1234567", "99999999999999999999",
					     "0.0000000000000000000000001"};
	int64_t raw;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(malformed); i++)
		assert_int_equal(unit_parse_decimal(malformed[i], strlen(malformed[i]), 6, &raw),
				 -EINVAL);
	for (size_t i = 0; i < ARRAY_SIZE(beyond); i++)
		assert_int_equal(unit_parse_decimal(beyond[i], strlen(beyond[i]), 6, &raw),
				 -ERANGE);
}

static void numbers_are_parsed_with_their_prefix(void **state)
{
	static const struct {
		const char *text;
		double value;
	} right[] = {{"6G", 6e9},    {"1.2e9", 1.2e9}, {"250k", 250e3}, {"250K", 250e3},
		     {"0.5T", 5e11}, {"3", 3},	       {"2P", 2e15},	{"1E", 1e18},
		     {"7M", 7e6},    {"1e3k", 1e6},    {"6 G", 6e9}};
	static const char *const wrong[] = {"",	    "G",   "1.2.3", " G", "6g",	 "6GB",
					    "0x10", "inf", "nan",   "1e", "6GG", "1e999"};
	double value;

	(void)state;
	for (size_t i = 0; i < sizeof(right) / sizeof(right[0]); i++) {
		assert_int_equal(unit_parse_number(right[i].text, &value), 0);
		assert_true(fabs(value / right[i].value - 1) < 1e-12);
	}
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
		assert_true(unit_parse_number(wrong[i], &value) < 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(si_shows_three_to_four_digits),
		cmocka_unit_test(si_rounding_moves_to_the_next_prefix),
		cmocka_unit_test(si_without_unit_takes_no_small_prefix),
		cmocka_unit_test(a_little_is_never_shown_as_zero),
		cmocka_unit_test(si_never_grows_wider_than_its_column),
		cmocka_unit_test(what_is_undefined_is_a_dash),
		cmocka_unit_test(percent_has_one_decimal),
		cmocka_unit_test(durations_read_like_a_clock),
		cmocka_unit_test(frequencies_and_sizes_choose_their_unit),
		cmocka_unit_test(numbers_do_not_follow_the_locale),
		cmocka_unit_test(durations_are_parsed_with_their_unit),
		cmocka_unit_test(decimals_are_exact),
		cmocka_unit_test(numbers_are_parsed_with_their_prefix),
		cmocka_unit_test(decimals_round_trip_over_the_full_range),
		cmocka_unit_test(decimals_with_fewer_digits_are_scaled),
		cmocka_unit_test(bad_decimals_are_refused),
	};

	return cmocka_run_group_tests_name("unit", tests, NULL, NULL);
}
