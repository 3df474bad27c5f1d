//go:build !purego && cgo && (((linux || darwin) && (amd64 || arm64)) || (windows && amd64))

package duckdb

import (
	"runtime"
	"unsafe"
)

// heap holds the longer texts of a chunk, at places that do not move.
type heap struct {
	blocks [][]byte // the last one is being filled
	spare  []byte   // of the last use, when it is not too large to be kept; not pinned
	pins   runtime.Pinner
	size   int
}

// keep copies a text, which is not empty, and returns its address, good until clear.
func (h *heap) keep(s string) uint64 {
	n := len(h.blocks)
	if n == 0 || cap(h.blocks[n-1])-len(h.blocks[n-1]) < len(s) {
		h.grow(len(s))
		n = len(h.blocks)
	}
	block := h.blocks[n-1]
	at := len(block)
	block = append(block, s...)
	h.blocks[n-1] = block
	h.size += len(s)
	return uint64(uintptr(unsafe.Pointer(&block[at])))
}

// grow begins a block with room for so many bytes.
func (h *heap) grow(room int) {
	block := h.spare
	h.spare = nil
	if cap(block) < room {
		block = make([]byte, 0, max(room, chunkText))
	}
	h.pins.Pin(unsafe.SliceData(block))
	h.blocks = append(h.blocks, block)
}

func (h *heap) clear() {
	h.pins.Unpin()
	h.size = 0
	if len(h.blocks) > 0 && cap(h.blocks[0]) <= chunkText {
		h.spare = h.blocks[0][:0]
	}
	clear(h.blocks)
	h.blocks = h.blocks[:0]
}
