//go:build !goexperiment.jsonv2

package main

// experimental is empty: GOEXPERIMENT=jsonv2 adds encoding/json/v2.
func experimental() []decoder { return nil }
