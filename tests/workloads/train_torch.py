#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""A small convolutional network in PyTorch that learns in which quarter of a noisy image a blob lies."""

import argparse
import time

import torch

from jouletop_marks import tell, work

SIDE = 16


class Samples:
    """Samples not yet told; told at most 50 times a second."""

    PERIOD_S = 0.02

    def __init__(self):
        self.samples = 0
        self.sent_s = 0.0

    def add(self, samples, last=False):
        """Adds to the work done."""
        self.samples += samples
        now_s = time.monotonic()
        if not last and now_s - self.sent_s < self.PERIOD_S:
            return
        self.sent_s = now_s
        if self.samples and work("samples", self.samples):
            self.samples = 0


def make_images(count):
    """Images with a blob each, and the quarter it lies in."""
    labels = torch.arange(count) % 4
    column = (labels % 2) * 8 + 3.5 + 5 * (torch.rand(count) - 0.5)
    row = torch.div(labels, 2, rounding_mode="floor") * 8 + 3.5 + 5 * (torch.rand(count) - 0.5)
    place = torch.arange(SIDE)
    dx = place.view(1, 1, SIDE) - column.view(count, 1, 1)
    dy = place.view(1, SIDE, 1) - row.view(count, 1, 1)
    images = torch.exp(-(dx * dx + dy * dy) / 4) + 0.8 * (torch.rand(count, SIDE, SIDE) - 0.5)
    return images.unsqueeze(1), labels


def make_network():
    """Two convolutions, the mean over each quarter, one linear layer."""
    return torch.nn.Sequential(
        torch.nn.Conv2d(1, 8, 3, padding=1),
        torch.nn.ReLU(),
        torch.nn.Conv2d(8, 16, 3, padding=1),
        torch.nn.ReLU(),
        torch.nn.AvgPool2d(8),
        torch.nn.Flatten(),
        torch.nn.Linear(64, 4),
    )


def train(options):
    """Runs the training, printing its progress four times a second."""
    images, labels = make_images(4096)
    network = make_network()
    optimizer = torch.optim.SGD(network.parameters(), lr=0.1)
    loss_of = torch.nn.CrossEntropyLoss()
    done = Samples()
    start_s = printed_s = time.monotonic()
    printed = 0
    tell("begin training")
    for step in range(1, options.steps + 1):
        first = (step - 1) * options.batch % (len(images) - options.batch + 1)
        batch = slice(first, first + options.batch)
        optimizer.zero_grad()
        loss = loss_of(network(images[batch]), labels[batch])
        loss.backward()
        optimizer.step()
        done.add(options.batch)
        now_s = time.monotonic()
        last = step == options.steps or now_s - start_s >= options.seconds
        if step == 1 or last or now_s - printed_s >= 0.25:
            rate = (step - printed) * options.batch / (now_s - printed_s)
            print(f"step {step} loss {loss.item():.4f} samples/s {rate:.0f}", flush=True)
            printed, printed_s = step, now_s
        if last:
            break
    done.add(0, last=True)
    tell("end training")


def main():
    """Reads the options and trains."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--steps", type=int, default=200)
    parser.add_argument("--batch", type=int, default=32)
    parser.add_argument("--seconds", type=float, default=1e9)
    options = parser.parse_args()
    if options.steps < 1 or not 1 <= options.batch <= 4096 or options.seconds <= 0:
        parser.error("steps, batch (at most 4096) and seconds are positive")
    torch.manual_seed(1)
    torch.set_num_threads(2)
    train(options)


main()
