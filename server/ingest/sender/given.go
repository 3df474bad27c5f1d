package sender

import (
	"log/slog"
	"strconv"

	"github.com/weirlog/weir/record"
)

// KeepGiven saves what the committer is going to overwrite: the id that a record
// came with becomes the attribute "id", as a text of digits.
func KeepGiven(r *record.Record) {
	if r.ID == 0 {
		return
	}
	given := slog.String("id", strconv.FormatInt(int64(r.ID), 10))
	r.Attrs = append(r.Attrs[:len(r.Attrs):len(r.Attrs)], given)
	r.ID = 0
}
