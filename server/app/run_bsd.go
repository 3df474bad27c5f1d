//go:build unix && !linux

package app

// fionread asks how many bytes wait: _IOR('f', 127, int).
const fionread = 0x4004667f
