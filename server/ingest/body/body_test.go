package body

import (
	"bytes"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"
)

func packed(t testing.TB, encoding string, data []byte) []byte {
	t.Helper()
	var b bytes.Buffer
	switch encoding {
	case Gzip:
		z := gzip.NewWriter(&b)
		if _, err := z.Write(data); err != nil {
			t.Fatal(err)
		}
		if err := z.Close(); err != nil {
			t.Fatal(err)
		}
	case Zstd:
		z, err := zstd.NewWriter(&b)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := z.Write(data); err != nil {
			t.Fatal(err)
		}
		if err := z.Close(); err != nil {
			t.Fatal(err)
		}
	default:
		return data
	}
	return b.Bytes()
}

func request(body []byte, known bool) *http.Request {
	r := httptest.NewRequest(http.MethodPost, "/", bytes.NewReader(body))
	if !known {
		r.ContentLength = -1
	}
	return r
}

func TestRead(t *testing.T) {
	limits := Limits{Sent: 1000, Unpacked: 5000}
	for _, encoding := range []string{"", Gzip, Zstd} {
		for _, size := range []int{0, 1, 999} {
			want := bytes.Repeat([]byte("x"), size)
			for _, known := range []bool{true, false} {
				got, err := NewReader(limits).Read(request(packed(t, encoding, want), known), encoding, nil)
				if err != nil || !bytes.Equal(got, want) {
					t.Errorf("%q of %d: %d bytes, %v", encoding, size, len(got), err)
				}
			}
		}
	}
	two := append(packed(t, Gzip, []byte("a")), packed(t, Gzip, []byte("b"))...)
	if got, err := NewReader(limits).Read(request(two, true), Gzip, nil); err != nil || string(got) != "ab" {
		t.Errorf("two members: %q, %v", got, err)
	}
}

func TestTooLarge(t *testing.T) {
	limits := Limits{Sent: 1000, Unpacked: 5000}
	bomb := make([]byte, 5001)
	noise := make([]byte, 4000)
	for i := range noise {
		noise[i] = byte(i * i * 7 >> 3)
	}
	for name, c := range map[string]struct {
		encoding string
		body     []byte
		unpacked bool
	}{
		"plain":            {"", make([]byte, 1001), false},
		"gzip bomb":        {Gzip, packed(t, Gzip, bomb), true},
		"zstd bomb":        {Zstd, packed(t, Zstd, bomb), true},
		"gzip of too much": {Gzip, append(packed(t, Gzip, nil), make([]byte, 1000)...), false},
	} {
		for _, known := range []bool{true, false} {
			_, err := NewReader(limits).Read(request(c.body, known), c.encoding, nil)
			var large *TooLargeError
			if name == "gzip of too much" && !known {
				continue // the garbage is found first
			}
			if !errors.As(err, &large) || large.Unpacked != c.unpacked {
				t.Errorf("%s, length known %t: %v", name, known, err)
			}
		}
	}
}

func TestBadEncoding(t *testing.T) {
	whole := packed(t, Gzip, []byte(strings.Repeat("text", 100)))
	zwhole := packed(t, Zstd, []byte(strings.Repeat("text", 100)))
	for name, c := range map[string]struct {
		encoding string
		body     []byte
	}{
		"not gzip":      {Gzip, []byte(`{"logs":[]}`)},
		"empty gzip":    {Gzip, nil},
		"gzip cut":      {Gzip, whole[:len(whole)-4]},
		"gzip and more": {Gzip, append(whole[:len(whole):len(whole)], "more"...)},
		"not zstd":      {Zstd, []byte(`{"logs":[]}`)},
		"zstd cut":      {Zstd, zwhole[:len(zwhole)-3]},
		"unknown":       {"br", []byte("x")},
		"several":       {"gzip, zstd", []byte("x")},
	} {
		_, err := NewReader(Limits{}).Read(request(c.body, true), c.encoding, nil)
		var bad *EncodingError
		if !errors.As(err, &bad) || bad.Encoding != c.encoding {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestConnectionBreaks(t *testing.T) {
	gone := errors.New("connection reset")
	for _, encoding := range []string{"", Gzip, Zstd} {
		whole := packed(t, encoding, []byte(strings.Repeat("text", 100)))
		r := httptest.NewRequest(http.MethodPost, "/", io.MultiReader(bytes.NewReader(whole[:len(whole)-3]), broken{gone}))
		_, err := NewReader(Limits{}).Read(r, encoding, nil)
		var bad *EncodingError
		if !errors.Is(err, gone) || errors.As(err, &bad) {
			t.Errorf("%q: %v", encoding, err)
		}
	}
}

type broken struct{ err error }

func (b broken) Read([]byte) (int, error) { return 0, b.err }

func TestEncoding(t *testing.T) {
	for header, want := range map[string]string{"": "", "GZIP": "gzip", " gzip ": "gzip", "identity": "", "Gzip, br": "gzip, br"} {
		r := httptest.NewRequest(http.MethodPost, "/", nil)
		r.Header.Set("Content-Encoding", header)
		if got := Encoding(r); got != want {
			t.Errorf("%q: %q", header, got)
		}
	}
}

func FuzzRead(f *testing.F) {
	f.Add([]byte("x"), Gzip)
	f.Add(packed(f, Gzip, []byte("hello")), Gzip)
	f.Add(packed(f, Zstd, []byte("hello")), Zstd)
	f.Fuzz(func(t *testing.T, data []byte, encoding string) {
		got, err := NewReader(Limits{Sent: 500, Unpacked: 900}).Read(request(data, len(data)%2 == 0), encoding, nil)
		if err == nil && len(got) > 900 {
			t.Errorf("%d bytes", len(got))
		}
	})
}

// TestRoom: a large body is not held in twice what it may have.
func TestRoom(t *testing.T) {
	limits := Limits{Sent: 10 << 20, Unpacked: 10 << 20}
	data := bytes.Repeat([]byte("x"), 10<<20)
	for _, encoding := range []string{"", Identity, Gzip, Zstd} {
		held := int64(0)
		got, err := NewReader(limits).Read(request(packed(t, encoding, data), false), encoding, func(n int64) error { held = n; return nil })
		if err != nil || !bytes.Equal(got, data) || cap(got) > 10<<20+2*leastRead {
			t.Errorf("%q: %d bytes of %d, %v", encoding, len(got), cap(got), err)
		}
		most := int64(11 << 20)
		if encoding == Zstd {
			most += maxWindow
		}
		if held < 10<<20 || held > most {
			t.Errorf("%q: asked for %d", encoding, held)
		}
	}
	refused := errors.New("no room")
	for _, encoding := range []string{"", Gzip, Zstd} {
		_, err := NewReader(limits).Read(request(packed(t, encoding, data), false), encoding, func(n int64) error {
			if n > 5<<20 {
				return refused
			}
			return nil
		})
		if !errors.Is(err, refused) {
			t.Errorf("%q: %v", encoding, err)
		}
	}
}

// TestWindowIsHeld: what a decoder takes for its window counts, and only when the whole
// body has come.
func TestWindowIsHeld(t *testing.T) {
	var b bytes.Buffer
	z, err := zstd.NewWriter(&b, zstd.WithWindowSize(maxWindow))
	if err == nil {
		_, err = z.Write(noise(1000))
	}
	if err = errors.Join(err, z.Flush()); err != nil {
		t.Fatal(err)
	}
	begun := b.Len()
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	held := int64(0)
	hold := func(n int64) error { held = n; return nil }
	r := request(nil, false)
	r.Body = io.NopCloser(io.MultiReader(bytes.NewReader(b.Bytes()[:begun]), broken{io.ErrClosedPipe}))
	if _, err := NewReader(Limits{}).Read(r, Zstd, hold); !errors.Is(err, io.ErrClosedPipe) || held != 0 {
		t.Errorf("%d are held for the beginning of a body, %v", held, err)
	}
	if got, err := NewReader(Limits{}).Read(request(b.Bytes(), true), Zstd, hold); err != nil || len(got) != 1000 || held < maxWindow {
		t.Errorf("%d are held, %v", held, err)
	}
}

// TestRoomComesWithBytes: what a sender only says that it will send, takes no room.
func TestRoomComesWithBytes(t *testing.T) {
	for _, said := range []int64{-1, 1 << 20, 30 << 20} {
		for _, encoding := range []string{"", Gzip, Zstd, Snappy} {
			for _, sent := range []int{0, FirstRoom, 100 << 10, 1200 << 10} {
				data := packedAs(t, encoding, noise(sent))[:sent]
				r := request(nil, false)
				r.Body = io.NopCloser(io.MultiReader(bytes.NewReader(data), broken{io.ErrClosedPipe}))
				if r.ContentLength = said; said > 0 && int64(sent) > said {
					continue
				}
				asked := int64(0)
				_, _ = NewReader(Limits{}).Read(r, encoding, func(n int64) error { asked = n; return nil })
				if asked > 4*int64(sent) || sent > 1<<20 && asked > 2*int64(sent) || sent <= FirstRoom && asked != 0 {
					t.Errorf("%q: %d of %d bytes came, %d are held", encoding, sent, said, asked)
				}
			}
		}
	}
}
