#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The loads of load.cu where there is PyTorch and no cuBLAS to link: prints the same line.

Usage: load.py gemm|tf32|fp32|fp64|fp8|copy|idle SECONDS
"""
import ctypes
import os
import subprocess
import sys
import threading
import time

import torch

SIDE = 8192
COPY_BYTES = 4 << 30


class Field(ctypes.Structure):
    _fields_ = [("id", ctypes.c_uint), ("scope", ctypes.c_uint), ("time_us", ctypes.c_longlong),
                ("latency_us", ctypes.c_longlong), ("type", ctypes.c_int), ("code", ctypes.c_int),
                ("value", ctypes.c_ulonglong)]


class Meter:
    """The driver's own counter of energy, and its power sensor summed up over time."""

    def __init__(self):
        self.instant_j, self.is_over, self.device = 0.0, False, ctypes.c_void_p()
        self.library = ctypes.CDLL("libnvidia-ml.so.1")
        self.library.nvmlInit_v2()
        self.library.nvmlDeviceGetHandleByIndex_v2(0, ctypes.byref(self.device))

    def energy_mj(self):
        value = ctypes.c_ulonglong()
        self.library.nvmlDeviceGetTotalEnergyConsumption(self.device, ctypes.byref(value))
        return value.value

    def counter_j(self):
        """A move of the counter is awaited: half of its period would be an error."""
        first, end = self.energy_mj(), time.monotonic() + 1
        while self.energy_mj() == first and time.monotonic() < end:
            time.sleep(0.0005)
        return self.energy_mj() / 1e3

    def integrate(self):
        before = None
        while not self.is_over:
            field, now = Field(id=186), time.monotonic()
            if self.library.nvmlDeviceGetFieldValues(self.device, 1, ctypes.byref(field)) == 0 and field.code == 0:
                watts = (field.value & 0xFFFFFFFF) / 1e3
                if before:
                    self.instant_j += (watts + before[1]) / 2 * (now - before[0])
                before = (now, watts)
            time.sleep(0.02)


def product(dtype, tf32=False):
    torch.backends.cuda.matmul.allow_tf32 = tf32
    a, b = (torch.randn(SIDE, SIDE, device="cuda", dtype=dtype) for _ in range(2))
    out = torch.empty(SIDE, SIDE, device="cuda", dtype=dtype)
    repeats = 8 if dtype == torch.bfloat16 or tf32 else 1
    return lambda: [torch.matmul(a, b, out=out) for _ in range(repeats)], repeats * 2 * SIDE**3


def product_fp8():
    one = torch.ones((), device="cuda")
    a = torch.randn(SIDE, SIDE, device="cuda").to(torch.float8_e4m3fn)
    b = torch.randn(SIDE, SIDE, device="cuda").to(torch.float8_e4m3fn).t()
    return lambda: [torch._scaled_mm(a, b, scale_a=one, scale_b=one, out_dtype=torch.bfloat16)
                    for _ in range(8)], 8 * 2 * SIDE**3


def copy():
    a, b = (torch.randint(256, (COPY_BYTES,), device="cuda", dtype=torch.uint8) for _ in range(2))
    return lambda: [b.copy_(a) for _ in range(8)], 8 * 2 * COPY_BYTES


LOADS = {
    "gemm": lambda: product(torch.bfloat16),
    "tf32": lambda: product(torch.float32, tf32=True),
    "fp32": lambda: product(torch.float32),
    "fp64": lambda: product(torch.float64),
    "fp8": product_fp8,
    "copy": copy,
    "idle": lambda: (lambda: time.sleep(0.1), 0),
}


def mark(verb, name):
    if os.environ.get("JOULETOP") and os.environ.get("JOULETOP_MARKS"):
        subprocess.run([os.environ["JOULETOP"], "mark", verb, name], check=False)


def main():
    name, seconds = sys.argv[1], float(sys.argv[2])
    run, amount = LOADS[name]()
    run()
    torch.cuda.synchronize()
    meter = Meter()
    mark("begin", name)
    threading.Thread(target=meter.integrate, daemon=True).start()
    begin_j, begin, done = meter.counter_j(), time.monotonic(), 0
    while time.monotonic() - begin < seconds:
        run()
        torch.cuda.synchronize()
        done += amount
    length = time.monotonic() - begin
    counter_j = meter.counter_j() - begin_j
    counter_s = time.monotonic() - begin
    meter.is_over = True
    mark("end", name)
    time.sleep(0.4)  # a reading after the end is needed to say what came before it
    print(f"{name} seconds {length:.3f} counter_seconds {counter_s:.3f} done_per_second {done / length:.6g} "
          f"counter_joules {counter_j:.3f} instant_joules {meter.instant_j:.3f}")


main()
