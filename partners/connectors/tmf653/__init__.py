"""Tests of services at partners by TMF653 v4: answers while somebody waits, or by the worker."""
