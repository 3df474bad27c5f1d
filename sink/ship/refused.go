package ship

import (
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"time"

	"github.com/weirlog/weir/record"
)

const (
	refusedName = "refused.ndjson"
	// maxRefusedBytes bounds the file of refused records; what comes then is dropped and
	// counted.
	maxRefusedBytes = 16 << 20
)

var errRefusedFull = errors.New("the file of refused records is full")

// keepRefused adds a record that the server refuses for good to a file in the spool,
// with what the server said. Programs that share the spool share the file: each line is
// one write.
func (s *spool) keepRefused(line []byte, status int, answer string) error {
	path := filepath.Join(s.root, refusedName)
	if info, err := os.Stat(path); err == nil && info.Size()+int64(len(line)) > maxRefusedBytes {
		return errRefusedFull
	}
	head, err := json.Marshal(struct {
		At     string `json:"refused_at"`
		Status int    `json:"status"`
		Answer string `json:"answer"`
	}{string(record.AppendTime(nil, time.Now())), status, answer})
	if err != nil {
		return err
	}
	out := append(head[:len(head)-1], `,"record":`...)
	if n := len(line); n > 0 && line[n-1] == '\n' {
		line = line[:n-1]
	}
	out = append(append(out, line...), '}', '\n')
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_APPEND|os.O_CREATE, 0o600)
	if err != nil {
		return err
	}
	_, err = f.Write(out)
	return errors.Join(err, f.Close())
}
