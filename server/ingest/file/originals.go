package file

import (
	"bytes"
	"cmp"
	"io"
	"path/filepath"
	"slices"
)

// original is the place of a file that another one may be a copy of.
type original struct {
	place
	key string
	at  *place // tells whether the place has changed; not to be looked into
}

// isNear reports whether a rotation could have given a path to the file that is
// followed as base.
func isNear(path, base string) bool {
	dir, name := filepath.Split(path)
	d, b := filepath.Split(base)
	return d == dir && isRotationOf(name, b)
}

// originals returns the places of other files whose name a rotation could have changed
// to the path, those that were read furthest first.
func (ps *places) originals(id, path string) (found []original) {
	ps.mu.Lock()
	defer ps.mu.Unlock()
	for key, p := range ps.all {
		if key != id && p.Offset > 0 && p.Tail.Bytes > 0 && isNear(path, p.Path) {
			found = append(found, original{*p, key, p})
		}
	}
	slices.SortFunc(found, func(a, b original) int { return cmp.Or(cmp.Compare(b.Offset, a.Offset), cmp.Compare(a.key, b.key)) })
	return found
}

// unpacked does the same for a compressed file whose text begins with head; its own
// place is among them. Those that were read least are first.
func (ps *places) unpacked(id, path string, head []byte) (found []original) {
	ps.mu.Lock()
	defer ps.mu.Unlock()
	for key, p := range ps.all {
		if key != id && (!isNear(path, p.Path) || p.Offset == 0) || p.Head.Bytes == 0 || p.Head.Bytes > len(head) {
			continue
		}
		if markOf(head[:p.Head.Bytes]) == p.Head {
			found = append(found, original{*p, key, p})
		}
	}
	slices.SortFunc(found, func(a, b original) int { return cmp.Or(cmp.Compare(a.Offset, b.Offset), cmp.Compare(a.key, b.key)) })
	return found
}

// copying reports whether a file, which has only the bytes of start, may be a copy
// that is being made of an open file.
func (ps *places) copying(id, path string, start []byte) bool {
	ps.mu.Lock()
	defer ps.mu.Unlock()
	dir, name := filepath.Split(path)
	for other, p := range ps.all {
		d, base := filepath.Split(p.Path)
		if other != id && d == dir && name != base && isRotationOf(name, base) && len(p.head) > 0 && bytes.HasPrefix(p.head, start[:min(len(start), len(p.head))]) {
			return true
		}
	}
	return false
}

// endsIn reports whether a file that is shorter than what was read ends within the
// bytes that are remembered of it: a copy that was made before the last of them came.
func (p *place) endsIn(r io.ReaderAt, size int64) bool {
	from := p.Offset - int64(len(p.recent))
	if size == 0 || size >= p.Offset || size-from < min(tailBytes, size) || size >= int64(p.Head.Bytes) && !sameMark(r, 0, p.Head) {
		return false
	}
	b := make([]byte, size-from)
	n, _ := r.ReadAt(b, from)
	return n == len(b) && bytes.Equal(b, p.recent[:n])
}
