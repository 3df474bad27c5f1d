package file

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"slices"
	"time"
)

// positions is the file.
type positions struct {
	Version int       `json:"version"`
	Looked  time.Time `json:"looked"` // when all files that were there then were known
	Files   []*place  `json:"files"`
}

const positionsVersion = 1

func loadPlaces(path string, clock func() time.Time) (*places, error) {
	ps := &places{path: path, clock: clock, had: map[string]bool{}, all: map[string]*place{}, changed: make(chan struct{}, 1)}
	if path == "" {
		return ps, nil
	}
	f, err := os.Open(path)
	if errors.Is(err, fs.ErrNotExist) {
		return ps, ps.save() // an error here is better than one after hours
	}
	if err != nil {
		return nil, fmt.Errorf("read the positions: %w", err)
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, maxPositions))
	if err != nil {
		return nil, fmt.Errorf("read the positions in %s: %w", path, err)
	}
	if err := ps.decode(data); err != nil {
		return nil, fmt.Errorf("the positions in %s cannot be used: %w; remove the file to begin anew", path, err)
	}
	return ps, nil
}

func (ps *places) decode(data []byte) error {
	var file positions
	if err := json.Unmarshal(data, &file); err != nil {
		return fmt.Errorf("no valid JSON: %w", err)
	}
	if file.Version < 1 || file.Version > positionsVersion {
		return fmt.Errorf("version %d, this program reads %d", file.Version, positionsVersion)
	}
	for _, p := range file.Files {
		if p == nil || p.Offset < 0 || p.Head.Bytes < 0 || p.Head.Bytes > headBytes || p.Tail.Bytes < 0 || p.Tail.Bytes > tailBytes || int64(p.Tail.Bytes) > p.Offset {
			return errors.New("an entry is damaged")
		}
		ps.all[ps.key(p.ID)] = p
		if !p.Beside {
			ps.had[p.Path] = true
		}
	}
	ps.then, ps.looked = file.Looked, file.Looked
	return nil
}

// encode forgets what is too old and returns the file.
func (ps *places) encode() ([]byte, error) {
	ps.mu.Lock()
	defer ps.mu.Unlock()
	now := ps.clock()
	file := positions{Version: positionsVersion, Looked: ps.looked, Files: []*place{}}
	newest := slices.SortedFunc(maps.Keys(ps.all), func(a, b string) int { return ps.all[b].Seen.Compare(ps.all[a].Seen) })
	for i, key := range newest {
		p := ps.all[key]
		if gone := now.Sub(p.Seen); gone > forgetAfter || i >= maxGone && gone > time.Hour {
			delete(ps.all, key)
			continue
		}
		if p.cut { // its last line may come with a copy yet
			if p = p.before; p == nil {
				continue
			}
		}
		file.Files = append(file.Files, p)
	}
	slices.SortFunc(file.Files, func(a, b *place) int { return cmp.Or(cmp.Compare(a.Path, b.Path), cmp.Compare(a.ID, b.ID)) })
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetIndent("", " ")
	e.SetEscapeHTML(false)
	err := e.Encode(file)
	return b.Bytes(), err
}
