package main

import "slices"

// sample is a sorted list of measurements.
type sample []float64

// newSample sorts v, which it keeps.
func newSample(v []float64) sample {
	slices.Sort(v)
	return v
}

// medianOf leaves v as it is.
func medianOf(v []float64) float64 { return newSample(slices.Clone(v)).at(0.5) }

// at returns the measurement below which the part p of them lies; 1 is the longest. Of
// nothing it is 0.
func (s sample) at(p float64) float64 {
	if len(s) == 0 {
		return 0
	}
	return s[min(int(float64(len(s))*p), len(s)-1)]
}

// above counts what is more than limit.
func (s sample) above(limit float64) int {
	n, found := slices.BinarySearch(s, limit)
	for found && n < len(s) && s[n] == limit {
		n++
	}
	return len(s) - n
}

// paired returns the median of a[i]/b[i], which were measured one after the other: what
// else the machine did then meets both.
func paired(a, b []float64) float64 {
	ratios := make([]float64, 0, len(a))
	for i := range min(len(a), len(b)) {
		if b[i] > 0 {
			ratios = append(ratios, a[i]/b[i])
		}
	}
	return newSample(ratios).at(0.5)
}
