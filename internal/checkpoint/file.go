package checkpoint

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"strings"
)

const (
	suffix = ".json"
	// slugBytes of the name stay readable in the file's name. With the rest it is
	// far below the 255 bytes, and the 143 of encrypted folders, that file systems allow.
	slugBytes = 64
	// sumBytes of SHA-256 make two names with one file less likely than a defect of
	// the disk; the name in the file is compared besides.
	sumBytes = 12
)

// FileName returns the name of a checkpoint's file: what is left of the name in
// lower-case letters, digits and dashes, for people, and a sum of all of it. It is
// another for each name where file systems do not tell cases or forms of Unicode apart,
// never leaves the folder, and is no device's name.
func FileName(name string) string {
	var slug strings.Builder
	for _, r := range name {
		if slug.Len() >= slugBytes {
			break
		}
		switch {
		case r >= 'a' && r <= 'z' || r >= '0' && r <= '9' || r == '-':
			slug.WriteRune(r)
		case r >= 'A' && r <= 'Z':
			slug.WriteRune(r - 'A' + 'a')
		default:
			slug.WriteByte('_')
		}
	}
	sum := sha256.Sum256([]byte(name))
	return slug.String() + "." + hex.EncodeToString(sum[:sumBytes]) + suffix
}

// file is a checkpoint with the version of its form.
type file struct {
	Version int `json:"version"`
	Checkpoint
}

// encode returns the file of a valid checkpoint, with a line end.
func encode(c *Checkpoint) ([]byte, error) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(file{Version, *c}); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrInvalid, err)
	}
	return b.Bytes(), nil
}

// decode reads a file. Fields that it does not know are passed over; every error is
// an ErrDamaged.
func decode(b []byte) (*Checkpoint, error) {
	if len(b) > maxFileBytes {
		return nil, fmt.Errorf("%w: it has more than %d bytes", ErrDamaged, maxFileBytes)
	}
	var f file
	if err := json.Unmarshal(b, &f); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrDamaged, err)
	}
	switch {
	case f.Version < 1:
		return nil, fmt.Errorf("%w: it has no version", ErrDamaged)
	case f.Version > Version:
		return nil, fmt.Errorf("%w: its version is %d, and this program reads versions up to %d: it was saved by a newer one", ErrDamaged, f.Version, Version)
	}
	if bytes.Equal(f.Data, []byte("null")) {
		f.Data = nil
	}
	if err := f.Check(); err != nil {
		return nil, fmt.Errorf("%w: %s", ErrDamaged, err.Error())
	}
	return &f.Checkpoint, nil
}
