package config

import (
	"strings"

	"github.com/weirlog/weir"
	"github.com/weirlog/weir/record"
)

// overflows are the names of the policies, in their order.
var overflows = []string{"drop_oldest", "drop_newest", "block", "fail"}

// read reads the root of the settings. Everything is read, whatever was wrong
// before, so that all problems are told at once.
func (c *Config) read(s *Section) {
	o := &c.options
	c.readLevel(s)
	wrong := len(s.report.problems)
	o.Overflow = readOverflow(s)
	o.BlockTimeout = s.Duration("block_timeout", weir.DefaultBlockTimeout)
	// A variable that changes one of the two does not make the other a mistake.
	inFile := s.fromFile("block_timeout") && (!s.Has("overflow") || s.fromFile("overflow"))
	if inFile && o.Overflow != weir.Block && len(s.report.problems) == wrong {
		s.Refuse("block_timeout", "only the overflow block waits", `set overflow to "block", or leave this key out`)
	}
	o.MemoryLimit = s.bytes("memory_limit", weir.DefaultMemoryLimit, weir.MinMemoryLimit)
	o.MaxRecords = s.Int("max_records", 0, 0)
	o.MaxRecordBytes = s.bytes("max_record_bytes", weir.DefaultMaxRecordBytes, 1<<10)
	if o.MaxRecordBytes > o.MemoryLimit/4 && s.fromFile("max_record_bytes") && (!s.Has("memory_limit") || s.fromFile("memory_limit")) {
		s.Refuse("max_record_bytes", "a record may take a quarter of memory_limit ("+showSize(int64(o.MemoryLimit))+") at most", "raise memory_limit, or lower this")
	}
	o.CloseTimeout = s.Duration("close_timeout", weir.DefaultCloseTimeout)
	o.NoSource = !s.Bool("source", true)
	o.CheckpointDir = s.File("checkpoints", weir.DefaultCheckpointDir)
	o.Resource = readResource(s)
	c.processors = readProcessors(s, "processors")
	c.readSinks(s)
	c.readLoggers(s)
	s.unknown()
}

func (c *Config) readLevel(s *Section) {
	c.options.Level = weir.LevelInfo
	if level := s.Level("level"); level != nil {
		c.options.Level = level
	} else {
		s.note("level", showLevel(weir.LevelInfo), nil)
	}
}

func readOverflow(s *Section) weir.Overflow {
	// What the earlier loggers called "drop" was two things.
	if n := s.find("overflow"); n != nil && n.Kind == KindText && plain(n.Text) == "drop" {
		s.Refuse("overflow", `"drop" can mean two things`, "say drop_oldest (room for the new record) or drop_newest (the new record goes)")
		return weir.DropOldest
	}
	name := s.Choice("overflow", overflows[weir.DropOldest], overflows...)
	for i, known := range overflows {
		if name == known {
			return weir.Overflow(i)
		}
	}
	return weir.DropOldest
}

func readResource(s *Section) record.Resource {
	r := s.Section("resource")
	if r == nil {
		r = newSection(&Node{Kind: KindObject}, s.join("resource"), s.report, s.with)
	}
	out := record.Resource{
		Service:        r.Text("service", ""),
		Environment:    r.Text("environment", ""),
		ServiceVersion: r.Text("service_version", ""),
		LogType:        readLogType(r),
		Host:           r.Text("host", ""),
	}
	r.unknown()
	return out
}

// readLogType reads what kind of program it is, in any case; an empty text is as good as
// none.
func readLogType(s *Section) string {
	const key = "log_type"
	if n := s.find(key); n != nil && n.Kind == KindText && strings.TrimSpace(n.Text) == "" {
		return s.Text(key, "")
	}
	return s.Choice(key, "", "BACKEND", "FRONTEND", "MOBILE", "IOT", "WORKER")
}

// fromFile reports whether the value of a key stands in the file: what a variable
// sets for many programs is not refused because it means nothing to one of them.
func (s *Section) fromFile(key string) bool {
	n := s.find(key)
	return n != nil && n.Origin == ""
}
