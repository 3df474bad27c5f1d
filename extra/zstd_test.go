package extra_test

import (
	"bytes"
	"testing"

	"github.com/klauspost/compress/zstd"

	"github.com/weirlog/weir/extra"
)

// The same text packs to the same bytes, also with an encoder that was used before.
func TestZstd(t *testing.T) {
	c := extra.Compressors()["zstd"]()
	if c.Name() != "zstd" {
		t.Errorf("name %q", c.Name())
	}
	data := bytes.Repeat([]byte("a line of a log, again and again\n"), 1000)
	var first []byte
	for range 3 {
		var packed bytes.Buffer
		w, err := c.NewWriter(&packed)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := w.Write(data); err != nil {
			t.Fatal(err)
		}
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
		if first == nil {
			first = packed.Bytes()
		}
		if !bytes.Equal(packed.Bytes(), first) || packed.Len() > len(data)/20 {
			t.Errorf("%d bytes became %d, the first time %d", len(data), packed.Len(), len(first))
		}
		if got := unpack(t, packed.Bytes()); !bytes.Equal(got, data) {
			t.Error("what was unpacked is not what was packed")
		}
	}
}

func unpack(t *testing.T, packed []byte) []byte {
	t.Helper()
	d, err := zstd.NewReader(nil)
	if err != nil {
		t.Fatal(err)
	}
	defer d.Close()
	out, err := d.DecodeAll(packed, nil)
	if err != nil {
		t.Fatal(err)
	}
	return out
}
