/* SPDX-License-Identifier: Apache-2.0 */
/* Tests of model/onednn_work and onednn_bytes: operations by the rule of the library's own benchmark. */
#include "model/onednn_private.h"

#include "tests/support/cmocka_all.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

static struct onednn_work work_of(const char *text)
{
	struct onednn_descriptor descriptor;

	assert_int_equal(onednn_split(text, strlen(text), &descriptor), 0);
	return onednn_work(&descriptor);
}

static void assert_work(const char *text, int64_t operations, int64_t bytes, const char *type)
{
	struct onednn_work work = work_of(text);

	assert_int_equal(work.operations, operations);
	assert_int_equal(work.bytes, bytes);
	assert_string_equal(work.type, type);
}

#define MEMORY                                                                                     \
	"src_f32::blocked:abcd:f0 wei_f32::blocked:abcd:f0 bia_undef::undef::f0 dst_f32::blocked:" \
	"abcd:f0"

/* Gop of the five convolutions of AlexNet with a batch of 256, as the library's benchmark prints them. */
static void taps_in_the_padding_do_not_count(void **state)
{
	static const struct {
		const char *shape;
		int64_t operations;
	} layers[] = {
		{"g1mb256_ic3oc96_ih227oh55kh11sh4dh0ph0_iw227ow55kw11sw4dw0pw0",
		 INT64_C(53972582400)},
		{"g2mb256_ic96oc256_ih27oh27kh5sh1dh0ph2_iw27ow27kw5sw1dw0pw2",
		 INT64_C(104696119296)},
		{"g1mb256_ic256oc384_ih13oh13kh3sh1dh0ph1_iw13ow13kw3sw1dw0pw1",
		 INT64_C(68904026112)},
		{"g2mb256_ic384oc384_ih13oh13kh3sh1dh0ph1_iw13ow13kw3sw1dw0pw1",
		 INT64_C(51678019584)},
		{"g2mb256_ic384oc256_ih13oh13kh3sh1dh0ph1_iw13ow13kw3sw1dw0pw1",
		 INT64_C(34452013056)},
	};
	static const char *const directions[] = {"forward_training", "backward_data",
						 "backward_weights"};
	char text[512];

	(void)state;
	for (size_t i = 0; i < sizeof(layers) / sizeof(layers[0]); i++) {
		for (size_t d = 0; d < 3; d++) {
			snprintf(text, sizeof(text), "cpu,convolution,jit,%s,%s,,alg:direct,%s",
				 directions[d], MEMORY, layers[i].shape);
			assert_int_equal(work_of(text).operations, layers[i].operations);
		}
	}
	assert_int_equal(
		work_of("cpu,inner_product,jit,forward_training," MEMORY ",,,mb112ic2048oc1000")
			.operations,
		458752000);
}

/* The count of the benchmark, tap by tap. */
static int64_t count_slowly(int64_t inputs, int64_t outputs, int64_t kernel, int64_t stride,
			    int64_t dilation, int64_t padding)
{
	int64_t taps = 0;

	for (int64_t output = 0; output < outputs; output++) {
		for (int64_t tap = 0; tap < kernel; tap++) {
			int64_t input = output * stride - padding + tap * (dilation + 1);

			taps += input >= 0 && input < inputs;
		}
	}
	return taps;
}

static void taps_are_counted_as_one_by_one(void **state)
{
	char text[512];

	(void)state;
	for (int i = 0; i < 3000; i++) {
		int inputs = 1 + i % 17, outputs = 1 + i % 13, kernel = 1 + i % 7,
		    stride = 1 + i % 5;
		int dilation = i % 3, padding = i % 11 - 2;
		int64_t taps = count_slowly(inputs, outputs, kernel, stride, dilation, padding);

		snprintf(text, sizeof(text),
			 "cpu,convolution,jit,undef," MEMORY
			 ",,,mb1_ic1oc1_iw%dow%dkw%dsw%ddw%dpw%d",
			 inputs, outputs, kernel, stride, dilation, padding);
		assert_int_equal(work_of(text).operations, 2 * taps);
		snprintf(text, sizeof(text),
			 "cpu,deconvolution,jit,undef," MEMORY
			 ",,,mb1_ic1oc1_iw%dow%dkw%dsw%ddw%dpw%d",
			 outputs, inputs, kernel, stride, dilation, padding);
		assert_int_equal(work_of(text).operations, 2 * taps);
	}
}

static void matrix_products_and_recurrent_layers_count(void **state)
{
	(void)state;
	assert_work("cpu,matmul,brg:avx512_core,undef,src_f32::blocked:abc:f0 "
		    "wei_f32::blocked:abc:f0 bia_f32::blocked:abc:f0_mask4 dst_f32::blocked:abc:f0,"
		    "attr-post-ops:eltwise_relu ,,3x128x256:3x256x512:3x128x512",
		    INT64_C(2) * 3 * 128 * 256 * 512,
		    4 * (3 * 128 * 256 + 3 * 256 * 512 + 512 + 3 * 128 * 512), "f32");
	assert_work("cpu,matmul,brg,undef,src:bf16::blocked:ab::f0 wei:bf16::blocked:ab::f0 "
		    "dst:f32::blocked:ab::f0,,,8x4096:4096x152064",
		    INT64_C(2) * 8 * 4096 * 152064,
		    INT64_C(2) * (8 * 4096 + INT64_C(4096) * 152064) + INT64_C(4) * 8 * 152064,
		    "bf16:bf16:f32");
	/* one factor has a single matrix for the whole batch */
	assert_int_equal(work_of("cpu,matmul,brg,undef,src:u8::blocked:abc::f0 "
				 "wei:s8::blocked:abc::f0 dst:s32::blocked:abc::f0,,,8x2x3:1x3x4")
				 .operations,
			 2 * 8 * 2 * 3 * 4);
	assert_int_equal(
		work_of("cpu,rnn,ref,forward_training,src_layer_f32::blocked:abc:f0 "
			"wei_layer_f32::blocked:abcde:f0 wei_iter_f32::blocked:abcde:f0 "
			"bias_f32::blocked:abcd:f0 dst_layer_f32::blocked:abc:f0,,alg:vanilla_lstm "
			"direction:unidirectional_left2right activation:undef,"
			"l4t6mb26sic12slc12dhc12dic12")
			.operations,
		INT64_C(2) * 4 * 12 * 26 * (12 + 12) * 4 * 6);
	assert_int_equal(
		work_of("cpu,rnn,ref,backward,src_layer_f32::blocked:abc:f0 wei_proj_f32::any:any:f0 "
			"dst_layer_f32::blocked:abc:f0,,alg:vanilla_gru "
			"direction:bidirectional_concat activation:undef,l1t1mb2sic3slc5dhc7dic11")
			.operations,
		2 * (2 * 2 * 3 * 7 * 2 * (3 + 5) + 4 * 7 * 2 * 11));
	/* l layers, d directions, g gates: the weights are l d slc g dhc and l d sic g dhc */
	assert_int_equal(
		work_of("cpu,rnn,ref,forward_training,src_layer_f32::blocked:abc:f0 "
			"wei_layer_f32::blocked:abcde:f0 wei_iter_f32::blocked:abcde:f0 "
			"bias_f32::blocked:abcd:f0 dst_layer_f32::blocked:abc:f0,,alg:vanilla_lstm "
			"direction:bidirectional_sum activation:undef,l4t6mb26sic12slc13dhc14dic14")
			.bytes,
		4 * (6 * 26 * 13 + 4 * 2 * 13 * 4 * 14 + 4 * 2 * 12 * 4 * 14 + 4 * 2 * 4 * 14 +
		     6 * 26 * 14));
}

static void all_else_does_no_operation_by_definition(void **state)
{
	(void)state;
	assert_work("cpu,reorder,jit:uni,undef,src_f32::blocked:abcd:f0 dst_s8::blocked:acdb:f0,"
		    "attr-oscale:2 ,,3x3x227x227",
		    0, INT64_C(5) * 3 * 3 * 227 * 227, "f32>s8");
	assert_work(
		"cpu,eltwise,jit,forward_training,data_f32::blocked:ab:f0 diff_undef::undef::f0,"
		",alg:eltwise_relu alpha:0 beta:0,64x512",
		0, 2 * 4 * 64 * 512, "f32");
	assert_work(
		"cpu,eltwise,jit,backward_data,data_f32::blocked:ab:f0 diff_f32::blocked:ab:f0,,"
		"alg:eltwise_relu,64x512",
		0, 3 * 4 * 64 * 512, "f32");
	assert_work("cpu,pooling_v2,jit,forward_training,src_f32::blocked:aBcd16b:f0 "
		    "dst_f32::blocked:aBcd16b:f0 ws_u8::blocked:aBcd16b:f0,,alg:pooling_max,"
		    "mb32ic96_ih55oh27kh3sh2dh0ph0_iw55ow27kw3sw2dw0pw0",
		    0, 4 * 32 * 96 * 55 * 55 + 5 * 32 * 96 * 27 * 27, "f32");
	assert_work("cpu,batch_normalization,ncsp,forward_training,data_f32::blocked:abcd:f0 "
		    "diff_undef::undef::f0,,flags:SR,mb3ic3ih227iw227",
		    0, 2 * 4 * 3 * 3 * 227 * 227, "f32");
	assert_work("cpu,lrn,jit,forward_training,data_f32::blocked:aBcd16b:f0 "
		    "diff_undef::undef::f0,,alg:lrn_across_channels,mb32ic96ih55iw55ls5beta0.75",
		    0, 2 * 4 * 32 * 96 * 55 * 55, "f32");
	assert_work("cpu,concat,simple:any,undef,src_f32::blocked:ab:f0 src_f32::blocked:ab:f0 "
		    "dst_f32::blocked:ab:f0,,axis:1,8x16:8x32",
		    0, 4 * 2 * (8 * 16 + 8 * 32), "f32");
	assert_work("cpu,binary,jit,undef,src_f32::blocked:ab:f0 src_f32::blocked:ab:f0 "
		    "dst_f32::blocked:ab:f0,,alg:binary_add,8x16:1x16",
		    0, 4 * (8 * 16 + 16 + 8 * 16), "f32");
	assert_work("cpu,softmax_v2,jit,forward_training,src_f32::blocked:ab:f0 "
		    "dst_f32::blocked:ab:f0,,alg:softmax_accurate axis:1,3x1000",
		    0, 2 * 4 * 3 * 1000, "f32");
}

static void padding_of_the_layout_is_moved_too(void **state)
{
	(void)state;
	assert_work(
		"cpu,convolution,jit,forward_training,src_f32::blocked:aBcd8b:f0 "
		"wei_f32::blocked:Acdb16a:f0 bia_f32::blocked:a:f0 dst_f32::blocked:aBcd16b:f0,,"
		"alg:convolution_direct,"
		"mb1_ic3oc20_ih4oh4kh1sh1dh0ph0_iw4ow4kw1sw1dw0pw0",
		2 * 3 * 20 * 16, 4 * (8 * 16 + 32 * 3 + 20 + 32 * 16), "f32");
	assert_work("cpu,inner_product,brgemm,forward_training,src_f32::blocked:ab:f0 "
		    "wei_f32:p:blocked:AB16b16a:f0 bia_f32::blocked:a:f0 dst_f32::blocked:ab:f0,"
		    "attr-scratchpad:user ,,mb64ic512oc10",
		    2 * 64 * 512 * 10, 4 * (64 * 512 + 16 * 512 + 10 + 64 * 10), "f32");
	/* groups come first in the weights: 2 x 48 x 48 */
	assert_int_equal(onednn_padded(&(struct onednn_dims){3, {2, 41, 48}},
				       (struct onednn_part){"aBc8b2c", 7}),
			 2 * 48 * 48);
}

static void types_are_named_in_both_spellings(void **state)
{
	(void)state;
	assert_string_equal(work_of("cpu,reorder,a,undef,src_f8_e5m2::blocked:a:f0 "
				    "dst_bf16::blocked:a:f0,,,32")
				    .type,
			    "f8_e5m2>bf16");
	assert_int_equal(work_of("cpu,matmul,a,undef,src:bf16::blocked:ab::f0 "
				 "wei:bf16::blocked:ab::f0 dst:bf16::blocked:ab::f0,,,2x2:2x2")
				 .precision,
			 ONEDNN_FP16);
	assert_int_equal(work_of("cpu,matmul,a,undef,src:u8::blocked:ab::f0 wei:s8::blocked:ab::f0 "
				 "dst:s32::blocked:ab::f0,,,2x2:2x2")
				 .precision,
			 ONEDNN_NO_FLOAT);
	assert_work("convolution,jit:avx2,forward_training,fsrc:nChw8c fwei:OIhw8i8o fbia:x "
		    "fdst:nChw8c,alg:direct,mb1_g1ic1oc1_ih1oh1kh1sh1dh0ph0_iw1ow1kw1sw1dw0pw0",
		    2, -1, "?");
}

static void what_cannot_be_counted_is_unknown_and_not_zero(void **state)
{
	static const char *const shapes[] = {
		"",
		"mb",
		"mb*_ic3oc4",
		"mb99999999999999999999_ic3oc4_iw1ow1kw1",
		"mb-1_ic3oc4",
		"g0mb1_ic3oc4",
		"mb1_ic3oc4_iw4ow4kw2sw0",
		"ic3oc4_iw4ow4kw2sw1",
		"mb1000000000_ic1000000000oc1000000000_iw1ow1kw1sw1dw0pw0",
		"mb1_ic1oc1_iw1ow1kw99999999sw1dw0pw0",
	};
	char text[512];

	(void)state;
	for (size_t i = 0; i < sizeof(shapes) / sizeof(shapes[0]); i++) {
		snprintf(text, sizeof(text), "cpu,convolution,jit,undef," MEMORY ",,,%s",
			 shapes[i]);
		assert_int_equal(work_of(text).operations, -1);
	}
	assert_int_equal(work_of("cpu,matmul,a,undef," MEMORY ",,,*x2:2x3").operations, -1);
	assert_int_equal(work_of("cpu,matmul,a,undef," MEMORY ",,,4x2:3x3").operations, -1);
	assert_int_equal(work_of("cpu,matmul,a,undef," MEMORY ",,,*x2:2x3").bytes, -1);
	assert_int_equal(work_of("cpu,newest,a,undef," MEMORY ",,,4x2").bytes, -1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(taps_in_the_padding_do_not_count),
		cmocka_unit_test(taps_are_counted_as_one_by_one),
		cmocka_unit_test(matrix_products_and_recurrent_layers_count),
		cmocka_unit_test(all_else_does_no_operation_by_definition),
		cmocka_unit_test(padding_of_the_layout_is_moved_too),
		cmocka_unit_test(types_are_named_in_both_spellings),
		cmocka_unit_test(what_cannot_be_counted_is_unknown_and_not_zero),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
