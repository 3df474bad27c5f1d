package extra

import (
	"io"

	"github.com/klauspost/compress/zstd"

	"github.com/weirlog/weir/sink/ship"
)

// zstdWindow bounds what an encoder and the server's decoder keep of a batch: 1 MiB is
// a quarter of the largest batch, and logs repeat themselves at much shorter range.
const zstdWindow = 1 << 20

// Compressors returns the map for config.Options.Compressors: with it, settings can
// say compression = "zstd".
func Compressors() map[string]func() ship.Compressor {
	return map[string]func() ship.Compressor{"zstd": Zstd}
}

// Zstd returns the Compressor that packs batches with zstd, for
// ship.Options.Compressor. One goroutine uses it: each sink has one of its own.
func Zstd() ship.Compressor { return &zstdCompressor{} }

// zstdCompressor keeps its encoder, whose tables cost more to make than a batch to
// pack.
type zstdCompressor struct{ encoder *zstd.Encoder }

var _ ship.Compressor = (*zstdCompressor)(nil)

func (*zstdCompressor) Name() string { return "zstd" }

func (c *zstdCompressor) NewWriter(w io.Writer) (io.WriteCloser, error) {
	if c.encoder != nil {
		c.encoder.Reset(w)
		return c.encoder, nil
	}
	// One goroutine, the caller's own: a batch is too short to divide.
	encoder, err := zstd.NewWriter(w, zstd.WithEncoderLevel(zstd.SpeedFastest), zstd.WithEncoderConcurrency(1), zstd.WithWindowSize(zstdWindow))
	if err != nil {
		return nil, err
	}
	c.encoder = encoder
	return encoder, nil
}
