package body

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"net/http"
	"strings"
	"sync"
	"testing"

	"github.com/klauspost/compress/snappy"
)

// usual is about 700 KB of records, another one each time.
func usual(n int) []byte {
	rng := rand.New(rand.NewPCG(uint64(n), 1))
	var b bytes.Buffer
	for i := range 3000 {
		fmt.Fprintf(&b, `{"level":"INFO","message":"order %d accepted","created_at":%d.25,"user_id":"u%d","path":"/api/orders/%d","trace_id":"%016x%016x","note":"%s"},`, i+n, 1795219903+i, i*n%50, i, rng.Uint64(), rng.Uint64(), strings.Repeat("x", i%90))
	}
	return b.Bytes()
}

func packedAs(t testing.TB, encoding string, data []byte) []byte {
	if encoding == Snappy {
		return snappy.Encode(nil, data)
	}
	return packed(t, encoding, data)
}

// TestDecodersAreKept: one reader reads bodies of all kinds after each other and at
// once, also after those that are broken, too large or not to be held.
func TestDecodersAreKept(t *testing.T) {
	rd := NewReader(Limits{Sent: 1 << 20, Unpacked: 2 << 20})
	var all sync.WaitGroup
	for worker := range 4 {
		all.Go(func() {
			for i := range 10 {
				for _, encoding := range []string{"", Gzip, Zstd, Snappy} {
					want := usual(worker*100 + i)[:1+i*50_000]
					sent := packedAs(t, encoding, want)
					got, err := rd.Read(request(sent, i%2 == 0), encoding, nil)
					if err != nil || !bytes.Equal(got, want) {
						t.Errorf("%q: %d bytes of %d, %v", encoding, len(got), len(want), err)
						return
					}
					if encoding == "" {
						continue
					}
					for what, bad := range map[string][]byte{
						"cut": sent[:len(sent)-2], "nothing": nil, "noise": []byte("no such thing"), "a bomb": packedAs(t, encoding, make([]byte, 2<<20+1)),
					} {
						if _, err := rd.Read(request(bad, true), encoding, nil); err == nil && !(what == "nothing" && encoding == Zstd) {
							t.Errorf("%q takes %s", encoding, what)
						}
					}
					if _, err := rd.Read(request(sent, true), encoding, func(int64) error { return http.ErrHandlerTimeout }); err == nil && len(want) > FirstRoom {
						t.Errorf("%q takes what cannot be held", encoding)
					}
				}
			}
		})
	}
	all.Wait()
}

// TestRoomFits: the room of a body whose size is told is made at once, and a body that
// unpacks to less than expected keeps little more than it is.
func TestRoomFits(t *testing.T) {
	rd := NewReader(Limits{})
	for _, encoding := range []string{"", Gzip, Zstd, Snappy} {
		for what, data := range map[string][]byte{"usual": usual(1), "noise": noise(400_000), "small": []byte("{}")} {
			sent := packedAs(t, encoding, data)
			got, err := rd.Read(request(sent, true), encoding, nil)
			if err != nil || !bytes.Equal(got, data) {
				t.Fatalf("%s, %q: %v", what, encoding, err)
			}
			if spare := cap(got) - len(got); spare > max(len(got), FirstRoom) {
				t.Errorf("%s, %q: %d bytes in room for %d", what, encoding, len(got), cap(got))
			}
		}
	}
}

// noise does not pack.
func noise(n int) []byte {
	out := make([]byte, n)
	_, _ = rand.NewChaCha8([32]byte{}).Read(out)
	return out
}

// BenchmarkRead reads the usual body of 700 KB and a small one.
func BenchmarkRead(b *testing.B) {
	for _, size := range []string{"usual", "small"} {
		data := usual(1)
		if size == "small" {
			data = data[:2000]
		}
		for _, encoding := range []string{"", Gzip, Zstd, Snappy} {
			b.Run(size+"/"+encoding, func(b *testing.B) {
				rd := NewReader(Limits{})
				sent := packedAs(b, encoding, data)
				b.SetBytes(int64(len(data)))
				b.ReportAllocs()
				for b.Loop() {
					if _, err := rd.Read(request(sent, true), encoding, nil); err != nil {
						b.Fatal(err)
					}
				}
			})
		}
	}
}
