# SPDX-FileCopyrightText: The Evernormal contributors
# SPDX-License-Identifier: Apache-2.0
"""Evernormal (常平): public computing-voucher programmes whose every figure can be re-run."""

__version__ = "0.1.0"
