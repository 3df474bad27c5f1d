package ship

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

// A spool file is one batch: a line that says what it is, then the batch's text
// packed with gzip:
//
//	weir-spool 1 <source> <first>-<last> <bytes unpacked> <bytes packed> <SHA-256 of the packed bytes>
//
// Its name is <first>-<last>.batch, the numbers with zeros in front so that names sort.
const (
	spoolMagic  = "weir-spool 1"
	spoolSuffix = ".batch"
	// maxSpoolText bounds what a file unpacks to: no sink makes batches of that size,
	// which begin with one record of any size at most.
	maxSpoolText = 1 << 30
)

// errDamaged is a spool file that is not what was written.
var errDamaged = errors.New("damaged")

// file is a batch in the spool.
type file struct {
	dir         *spoolDir
	first, last uint64
	size        int64
	taken       bool // the sender has it in hand: it is not dropped
	settled     int  // of its records: parts of it were delivered or refused
}

func (f *file) records() int { return int(f.last-f.first) + 1 }

func (f *file) name() string { return fmt.Sprintf("%020d-%020d%s", f.first, f.last, spoolSuffix) }

func (f *file) path() string { return filepath.Join(f.dir.path, f.name()) }

// parseSpoolName reads the numbers in a file's name.
func parseSpoolName(name string) (first, last uint64, ok bool) {
	numbers, ok := strings.CutSuffix(name, spoolSuffix)
	low, high, both := strings.Cut(numbers, "-")
	if !ok || !both {
		return 0, 0, false
	}
	return parseNumbers(low, high)
}

func parseNumbers(low, high string) (first, last uint64, ok bool) {
	first, errFirst := strconv.ParseUint(low, 10, 63)
	last, errLast := strconv.ParseUint(high, 10, 63)
	return first, last, errFirst == nil && errLast == nil && first > 0 && first <= last && last-first < 1<<31
}

// encodeSpool makes a file's content.
func encodeSpool(b *batch, z *gzipper) ([]byte, error) {
	packed, err := compressed(z, b.raw)
	if err != nil {
		return nil, err
	}
	sum := sha256.Sum256(packed)
	out := fmt.Appendf(nil, "%s %s %d-%d %d %d %s\n", spoolMagic, b.source, b.first, b.last, len(b.raw), len(packed), hex.EncodeToString(sum[:]))
	return append(out, packed...), nil
}

// decodeSpool reads a file's content. Its errors wrap errDamaged.
func decodeSpool(data []byte) (*batch, error) {
	end := bytes.IndexByte(data, '\n')
	if end < 0 {
		return nil, fmt.Errorf("%w: it has no first line", errDamaged)
	}
	head, packed := string(data[:end]), data[end+1:]
	rest, ok := strings.CutPrefix(head, spoolMagic+" ")
	fields := strings.Split(rest, " ")
	if !ok || len(fields) != 5 {
		return nil, fmt.Errorf("%w: its first line is not a spool file's", errDamaged)
	}
	low, high, _ := strings.Cut(fields[1], "-")
	first, last, ok := parseNumbers(low, high)
	size, errSize := strconv.ParseUint(fields[2], 10, 63)
	length, errLength := strconv.ParseUint(fields[3], 10, 63)
	sum := sha256.Sum256(packed)
	switch {
	case !ok || errSize != nil || errLength != nil || size > maxSpoolText || !isSource(fields[0]):
		return nil, fmt.Errorf("%w: its first line is not a spool file's", errDamaged)
	case length != uint64(len(packed)):
		return nil, fmt.Errorf("%w: %d bytes follow its first line, not %d", errDamaged, len(packed), length)
	case fields[4] != hex.EncodeToString(sum[:]):
		return nil, fmt.Errorf("%w: its checksum is wrong", errDamaged)
	}
	raw, err := unpacked(packed, size)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", errDamaged, err)
	}
	b := &batch{source: fields[0], first: first, last: last, raw: raw}
	if uint64(len(raw)) != size || bytes.Count(raw, []byte{'\n'}) != b.records() || raw[len(raw)-1] != '\n' {
		return nil, fmt.Errorf("%w: it does not hold the records it says", errDamaged)
	}
	return b, nil
}

func unpacked(packed []byte, size uint64) ([]byte, error) {
	z, err := gzip.NewReader(bytes.NewReader(packed))
	if err != nil {
		return nil, err
	}
	var out bytes.Buffer
	if _, err := out.ReadFrom(io.LimitReader(z, int64(size)+1)); err != nil {
		return nil, err
	}
	return out.Bytes(), nil
}

// writeFile makes a file that is either whole or not there, also after a power cut,
// and that nobody else can read.
func writeFile(path string, data []byte) error {
	temporary := path + ".tmp"
	f, err := os.OpenFile(temporary, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return err
	}
	_, err = f.Write(data)
	if err == nil {
		err = f.Sync()
	}
	if err = errors.Join(err, f.Close()); err == nil {
		err = os.Rename(temporary, path)
	}
	if err != nil {
		return errors.Join(err, ignoreMissing(os.Remove(temporary)))
	}
	return syncDir(filepath.Dir(path))
}

func ignoreMissing(err error) error {
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return err
}

// isSource tells whether a text is what newSource makes.
func isSource(text string) bool {
	if len(text) != 32 {
		return false
	}
	return strings.Trim(text, "0123456789abcdef") == ""
}
