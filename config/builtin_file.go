package config

import (
	"io/fs"
	"strconv"

	"github.com/weirlog/weir"
	"github.com/weirlog/weir/sink/file"
)

// The texts of settings for constants of package file, in the constants' order.
var (
	fileModes = []string{"append", "truncate", "new_name"}
	fileSyncs = []string{"never", "close", "batch"}
)

func rotatingFileSink(s *Section) func() (weir.Sink, error) {
	if !s.oneOf("max_size", "interval") {
		s.Refuse("", "a rotating file has max_size or interval, or both", `as "max_size": "10MB"; a file without either has the type file`)
	}
	return fileSink(s)
}

func fileSink(s *Section) func() (weir.Sink, error) {
	path := ""
	if s.Has("path") {
		path = s.File("path", "")
	} else {
		s.Refuse("", "the key path is missing", `as "path": "/var/log/app.log"`)
	}
	kept := file.DefaultMaxFiles
	if s.Has("max_age") {
		kept = file.MaxMaxFiles
	}
	o := file.Options{
		Mode:           enum[file.Mode](s, "mode", fileModes),
		MaxSize:        s.Size("max_size", 0, 1),
		Interval:       s.Duration("interval", 0),
		MaxFiles:       s.intBetween("max_files", kept, 1, file.MaxMaxFiles),
		MaxAge:         s.Duration("max_age", 0),
		Compress:       s.Bool("compress", false),
		Perm:           s.perm("perm", file.DefaultPerm),
		Sync:           enum[file.Sync](s, "sync", fileSyncs),
		ReopenOnHangup: s.Bool("reopen_on_hangup", false),
	}
	if s.Has("time_zone") {
		o.Location = s.zone("time_zone")
	}
	form := s.Format("format")
	s.claim("path", path)
	if s.good() {
		s.checkRotation(o.Mode)
	}
	return func() (weir.Sink, error) {
		o := o
		if form != nil {
			var err error
			if o.Format, err = form(); err != nil {
				return nil, err
			}
		}
		return file.New(path, o)
	}
}

// checkRotation refuses what means nothing together.
func (s *Section) checkRotation(mode file.Mode) {
	rotates := s.oneOf("max_size", "interval")
	for _, key := range []string{"max_files", "max_age", "compress"} {
		if s.Has(key) && !rotates {
			s.Refuse(key, "it is about backups, and the file is never rotated", "set max_size or interval too")
		}
	}
	if s.Has("time_zone") && !s.Has("interval") {
		s.Refuse("time_zone", "it is the zone of interval, which is not set", "set interval too")
	}
	if rotates && mode == file.NewName {
		s.Refuse("mode", "backups have the names that new_name chooses from", "use append, or do not rotate")
	}
}

// claim refuses a file that another sink writes.
func (s *Section) claim(key, path string) {
	if path == "" {
		return
	}
	name := absolute(path)
	if other, taken := s.with.files[name]; taken && other != s.path {
		s.Refuse(key, other+" writes the same file", "give each sink a file of its own, or name one sink in both loggers")
		return
	}
	s.with.files[name] = s.path
}

// perm returns a file's rights, as "0640".
func (s *Section) perm(key string, fallback fs.FileMode) fs.FileMode {
	n := s.of(key, KindText, `write it in quotes, as "0640": without them nobody can tell whether it is octal`)
	if n == nil {
		s.note(key, octal(fallback), nil)
		return fallback
	}
	mode, err := strconv.ParseUint(n.Text, 8, 32)
	if err != nil || mode > uint64(fs.ModePerm) || mode&0o200 == 0 {
		s.Refuse(key, n.show()+" are not the rights of a file that its owner writes", `octal digits, as "0640"`)
		return fallback
	}
	s.note(key, octal(fs.FileMode(mode)), n)
	return fs.FileMode(mode)
}

func octal(mode fs.FileMode) string { return "0" + strconv.FormatUint(uint64(mode), 8) }
