package body

import (
	"io"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"
)

// maxWindow bounds the memory of one zstd stream: 8 MiB is what RFC 8878 asks every
// decoder to support.
const maxWindow = 8 << 20

// source is what a decoder that is kept reads from: it lets go of a body that is read.
type source struct{ r io.Reader }

func (s *source) Read(p []byte) (int, error) { return s.r.Read(p) }

// gunzipper is a decoder of gzip that is kept.
type gunzipper struct {
	from source
	z    gzip.Reader
}

// unzstder is one of zstd. Decoding in the caller's goroutine only, it has none that
// would have to be stopped before it is forgotten.
type unzstder struct {
	from source
	z    *zstd.Decoder
}

// decoder returns what unpacks sent, kept or new. The caller calls done after an error,
// too, and does not read afterwards.
func (rd *Reader) decoder(encoding string, sent io.Reader) (z io.Reader, done func(), err error) {
	if encoding == Gzip {
		return rd.gunzip(sent)
	}
	return rd.unzstd(sent)
}

func (rd *Reader) gunzip(sent io.Reader) (io.Reader, func(), error) {
	g, ok := rd.gzips.Get().(*gunzipper)
	if !ok {
		g = &gunzipper{}
	}
	g.from.r = sent
	done := func() {
		g.from.r = nil
		rd.gzips.Put(g)
	}
	return &g.z, done, g.z.Reset(&g.from)
}

func (rd *Reader) unzstd(sent io.Reader) (io.Reader, func(), error) {
	u, ok := rd.zstds.Get().(*unzstder)
	if !ok {
		z, err := zstd.NewReader(nil, zstd.WithDecoderConcurrency(1), zstd.WithDecoderLowmem(true), zstd.WithDecoderMaxWindow(maxWindow))
		if err != nil {
			panic("BUG: the options of zstd: " + err.Error())
		}
		u = &unzstder{z: z}
	}
	u.from.r = sent
	done := func() {
		u.from.r = nil
		rd.zstds.Put(u)
	}
	return u.z, done, u.z.Reset(&u.from)
}

// window returns what a decoder takes for the first frame of a body.
func window(packed []byte) int64 {
	var head zstd.Header
	switch err := head.Decode(packed); {
	case err != nil:
		return 0 // there is nothing to unpack
	case head.Skippable:
		return maxWindow
	case head.SingleSegment:
		return int64(min(head.FrameContentSize, maxWindow))
	}
	return int64(min(head.WindowSize, maxWindow))
}
