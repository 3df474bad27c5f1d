package main

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
)

// mark is what a record is known by: its message. Numbers are those of one goroutine, from 1
// without a gap, for the records that were let through.
type mark struct {
	round  uint64
	caller int
	number uint64
}

// copyMessage is that of records which processors add.
const copyMessage = "a record that a processor has added"

func (m mark) String() string {
	b := make([]byte, 0, 64)
	b = strconv.AppendUint(b, m.round, 10)
	b = append(b, '/')
	b = strconv.AppendInt(b, int64(m.caller), 10)
	b = append(b, '/')
	b = strconv.AppendUint(b, m.number, 10)
	b = append(b, '/')
	return string(strconv.AppendUint(b, m.sum(), 16))
}

// sum is there so that a record which was damaged on its way is not taken for another.
func (m mark) sum() uint64 {
	x := m.round*0x9e3779b97f4a7c15 ^ uint64(m.caller)*0xbf58476d1ce4e5b9 ^ m.number*0x94d049bb133111eb
	x ^= x >> 29
	return x * 0xff51afd7ed558ccd >> 32
}

var errDamaged = errors.New("its sum is wrong")

// parseMark reads a message.
func parseMark(s string) (m mark, err error) {
	parts := strings.Split(s, "/")
	if len(parts) != 4 {
		return m, fmt.Errorf("%q is no mark", s)
	}
	var numbers [4]uint64
	for i, base := range []int{10, 10, 10, 16} {
		if numbers[i], err = strconv.ParseUint(parts[i], base, 64); err != nil {
			return m, fmt.Errorf("%q is no mark: %w", s, err)
		}
	}
	m = mark{numbers[0], int(numbers[1]), numbers[2]}
	if m.sum() != numbers[3] {
		return m, fmt.Errorf("%q: %w", s, errDamaged)
	}
	return m, nil
}

// padding is a text that depends on the mark; a record carries it as an attribute.
func (m mark) padding(size int) string {
	b := make([]byte, size)
	for i := range b {
		b[i] = 'a' + byte((m.number+uint64(i))%26)
	}
	return string(b)
}

// cutStart begins what Weir puts behind a text that it has cut.
const cutStart = "… [cut: "

// hasPadding reports whether s is the padding, whole or cut.
func (m mark) hasPadding(s string) bool {
	s, _, _ = strings.Cut(s, cutStart)
	for i := range len(s) {
		if s[i] != 'a'+byte((m.number+uint64(i))%26) {
			return false
		}
	}
	return true
}
