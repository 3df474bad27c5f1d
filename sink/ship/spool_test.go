package ship

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

var errAway = errors.New("connection refused")

// spooled lists the spool's batch files as <first two digits of the source>/<first>-<last>.
func spooled(t *testing.T, dir string) []string {
	t.Helper()
	paths, err := filepath.Glob(filepath.Join(dir, "*", "*", "*"+spoolSuffix))
	if err != nil {
		t.Fatal(err)
	}
	return paths
}

// TestSpoolOverARestart: a program that ends while the server is away leaves its records
// behind, and the next start sends them first, in order, under the keys they had.
func TestSpoolOverARestart(t *testing.T) {
	dir := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		srv := newServer()
		srv.breakWith(errAway)
		var keys []string
		for round := range 3 {
			sink := offline(t, srv, Options{BatchRecords: 10, QueueRecords: 50, Spool: dir})
			if round == 0 {
				write(t, sink, 1, 200) // more than memory has room for
			} else {
				write(t, sink, round*100+101, 100)
			}
			time.Sleep(time.Minute)
			began := time.Now()
			mustClose(t, sink)
			if time.Since(began) != 0 {
				t.Errorf("close waited %s although all is safe on disk", time.Since(began))
			}
			st := sink.Stats()
			if len(st.Dropped) != 0 || st.Queued != 0 || st.Spooled != 0 && round > 0 && st.Adopted == 0 {
				t.Errorf("round %d: %+v", round, st)
			}
			for i := range 10 {
				keys = append(keys, fmt.Sprintf("%s/%d-%d", sink.queue.source, i*10+1, i*10+10))
			}
		}
		if n := len(spooled(t, dir)); n != 40 {
			t.Fatalf("%d files", n)
		}
		srv.breakWith(nil)
		told := &notes{}
		sink := offline(t, srv, Options{BatchRecords: 10, Spool: dir, ErrorOutput: told})
		write(t, sink, 401, 5)
		mustFlush2(t, sink)
		synctest.Wait()
		wantInOrder(t, srv, 1, 405)
		if got := srv.all()[0].key; got != keys[0] {
			t.Errorf("the first batch was sent as %s, it is %s", got, keys[0])
		}
		if st := sink.Stats(); st.Adopted != 400 || st.Sent != 405 || st.Spooled != 0 || st.SpoolBytes != 0 {
			t.Errorf("%+v", st)
		}
		if !strings.Contains(told.String(), "400 records of an earlier start") {
			t.Error(told)
		}
		mustClose(t, sink)
	})
	left, err := filepath.Glob(filepath.Join(dir, "*", "*"))
	if err != nil || len(left) != 2 {
		t.Errorf("left behind: %v %v", left, err)
	}
}

// TestSpoolWhileAway: records go to disk when memory is full, and leave in the order
// in which they came, without a restart too.
func TestSpoolWhileAway(t *testing.T) {
	dir := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		srv := newServer()
		srv.breakWith(errAway)
		sink := offline(t, srv, Options{BatchRecords: 10, QueueRecords: 30, Spool: dir})
		for i := range 50 {
			write(t, sink, i*10+1, 10)
			time.Sleep(100 * time.Millisecond)
		}
		st := sink.Stats()
		if st.Queued > 30 || st.Spooled < 460 || st.SpoolWritten != uint64(st.Spooled) || len(st.Dropped) != 0 {
			t.Errorf("%+v", st)
		}
		checkSum(t, sink)
		srv.breakWith(nil)
		mustFlush2(t, sink)
		wantInOrder(t, srv, 1, 500)
		if n := len(spooled(t, dir)); n != 0 {
			t.Errorf("%d files are left", n)
		}
	})
}

// TestSpoolIsPrivate: nobody else can read the records.
func TestSpoolIsPrivate(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "spool")
	synctest.Test(t, func(t *testing.T) {
		srv := newServer()
		srv.breakWith(errAway)
		sink := offline(t, srv, Options{Spool: dir, Token: "secret"})
		write(t, sink, 1, 10)
		time.Sleep(time.Minute)
		mustClose(t, sink)
	})
	files := 0
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		info, err := d.Info()
		if err != nil {
			return err
		}
		if want := map[bool]fs.FileMode{true: 0o700, false: 0o600}[d.IsDir()]; info.Mode().Perm() != want && os.PathSeparator == '/' {
			t.Errorf("%s has mode %v", path, info.Mode())
		}
		if d.IsDir() {
			return nil
		}
		files++
		data, err := os.ReadFile(path)
		if bytes.Contains(data, []byte("secret")) {
			t.Errorf("the token is in %s", path)
		}
		return err
	})
	if err != nil || files < 3 {
		t.Errorf("%d files, %v", files, err)
	}
}

// TestSpoolFull: the oldest batches go, counted, and never the one in hand.
func TestSpoolFull(t *testing.T) {
	dir := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		srv := newServer()
		srv.breakWith(errAway)
		sink := offline(t, srv, Options{BatchRecords: 10, QueueRecords: 20, Spool: dir, SpoolBytes: 4000})
		write(t, sink, 1, 10)
		synctest.Wait()
		write(t, sink, 11, 490)
		st := sink.Stats()
		if st.SpoolBytes > 4000 || st.SpoolBytes < 3000 || st.Dropped[DroppedSpoolFull] == 0 {
			t.Errorf("%+v", st)
		}
		checkSum(t, sink)
		left := int(st.Records - st.Dropped[DroppedSpoolFull])
		srv.breakWith(nil)
		mustFlush2(t, sink)
		got := srv.messages()
		if len(got) != left || got[0] != "1" || got[9] != "10" || got[10] != fmt.Sprint(500-(left-10)+1) || got[left-1] != "500" {
			t.Errorf("%d stored: %v", len(got), got)
		}
	})
	synctest.Test(t, func(t *testing.T) {
		srv := newServer()
		srv.breakWith(errAway)
		sink := offline(t, srv, Options{BatchRecords: 10, QueueRecords: 10, Spool: t.TempDir(), SpoolBytes: 10})
		write(t, sink, 1, 100)
		if st := sink.Stats(); st.Spooled != 0 || st.Dropped[DroppedQueueFull] == 0 {
			t.Errorf("%+v", st)
		}
	})
}

// TestSpoolIsShared: programs that live do not touch each other's files; what one that
// has ended left is sent by whoever looks next, once.
func TestSpoolIsShared(t *testing.T) {
	dir := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		srv := newServer()
		srv.breakWith(errAway)
		o := Options{BatchRecords: 10, QueueRecords: 20, Spool: dir}
		one, two := offline(t, srv, o), offline(t, srv, o)
		write(t, one, 1, 100)
		write(t, two, 1001, 100)
		time.Sleep(2 * adoptInterval)
		if a, b := one.Stats().Adopted, two.Stats().Adopted; a != 0 || b != 0 {
			t.Fatalf("adopted %d and %d of one that lives", a, b)
		}
		mustClose(t, one)
		time.Sleep(2 * adoptInterval)
		srv.breakWith(nil)
		mustFlush2(t, two)
		time.Sleep(2 * adoptInterval)
		st := two.Stats()
		if st.Adopted != 100 || st.Sent != 200 || len(srv.messages()) != 200 {
			t.Errorf("%d stored, %+v", len(srv.messages()), st)
		}
		once := map[string]int{}
		for _, m := range srv.messages() {
			once[m]++
		}
		if len(once) != 200 {
			t.Errorf("%d distinct records stored", len(once))
		}
	})
}

// TestSpoolIsOfOneServer: records meant for one server are not sent to another.
func TestSpoolIsOfOneServer(t *testing.T) {
	dir := t.TempDir()
	one := mustNew(t, "https://a.test", Options{Spool: dir}).spool
	two := mustNew(t, "https://a.test/b", Options{Spool: dir}).spool
	if one.root == two.root {
		t.Error("two servers share a directory")
	}
	if data, err := os.ReadFile(filepath.Join(two.root, "server")); err != nil || string(data) != "https://a.test/b\n" {
		t.Errorf("%q, %v", data, err)
	}
}

// TestDamagedSpool: files that are cut, changed or of something else are moved aside
// and counted, and the others arrive.
func TestDamagedSpool(t *testing.T) {
	dir := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		srv := newServer()
		srv.breakWith(errAway)
		sink := offline(t, srv, Options{BatchRecords: 10, Spool: dir})
		write(t, sink, 1, 100)
		mustClose(t, sink)
		files := spooled(t, dir)
		for i, damage := range map[int]func([]byte) []byte{
			1: func(b []byte) []byte { return b[:len(b)/2] },
			3: func(b []byte) []byte { b[len(b)-20] ^= 1; return b },
			5: func([]byte) []byte { return nil },
			7: func(b []byte) []byte { return bytes.Replace(b, []byte("/71-80"), []byte("/72-81"), 1) },
			8: func(b []byte) []byte { return bytes.Replace(b, []byte(" 81-90 "), []byte(" 82-91 "), 1) },
		} {
			data, err := os.ReadFile(files[i])
			if err == nil {
				err = os.WriteFile(files[i], damage(data), 0o600)
			}
			if err != nil {
				t.Fatal(err)
			}
		}
		own := filepath.Dir(files[0])
		for name, text := range map[string]string{"notes.txt": "mine", "00000000000000000001-00000000000000000002.batch.tmp": "half"} {
			if err := os.WriteFile(filepath.Join(own, name), []byte(text), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		srv.breakWith(nil)
		sink = offline(t, srv, Options{BatchRecords: 10, Spool: dir})
		write(t, sink, 101, 1)
		mustFlush2(t, sink)
		synctest.Wait()
		got := srv.messages()
		if len(got) != 61 || got[10] != "21" || got[60] != "101" {
			t.Errorf("%d stored: %v", len(got), got)
		}
		if st := sink.Stats(); st.SpoolDamaged != 4 || st.Dropped[DroppedSpoolDamaged] != 40 {
			t.Errorf("%+v", st)
		}
		aside, err := filepath.Glob(filepath.Join(dir, "*", asideDir, "*"))
		if err != nil || len(aside) != 4 {
			t.Errorf("aside: %v, %v", aside, err)
		}
		if _, err := os.Stat(filepath.Join(own, "notes.txt")); err != nil {
			t.Errorf("somebody's file is gone: %v", err)
		}
	})
}

// TestSpoolCannotBeWritten: the records are dropped and counted, people are told, and
// the logger is not held up.
func TestSpoolCannotBeWritten(t *testing.T) {
	dir := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		srv, told := newServer(), &notes{}
		srv.breakWith(errAway)
		sink := offline(t, srv, Options{BatchRecords: 10, QueueRecords: 20, Spool: dir, ErrorOutput: told})
		root := sink.spool.root
		if err := errors.Join(os.RemoveAll(root), os.WriteFile(root, nil, 0o600)); err != nil {
			t.Fatal(err)
		}
		write(t, sink, 1, 200)
		if st := sink.Stats(); st.SpoolErrors == 0 || st.Dropped[DroppedQueueFull] < 170 || st.Spooled != 0 {
			t.Errorf("%+v", st)
		}
		if !strings.Contains(told.String(), "spool cannot be written") {
			t.Error(told)
		}
	})
}

// TestCloseInTheMiddle: parts of a split batch that were delivered are not sent again
// by the next start.
func TestCloseInTheMiddle(t *testing.T) {
	for _, fromSpool := range []bool{false, true} {
		t.Run(fmt.Sprint("from the spool: ", fromSpool), func(t *testing.T) {
			dir := t.TempDir()
			synctest.Test(t, func(t *testing.T) {
				srv := newServer()
				sink := offline(t, srv, Options{Protocol: ProtocolWeir, BatchRecords: 40, Spool: dir})
				if fromSpool {
					srv.breakWith(errAway)
					write(t, sink, 1, 40)
					mustClose(t, sink)
					srv.breakWith(nil)
				}
				// The whole is too large, the first half is taken, then the server goes.
				srv.next(status(413), nil, status(503))
				if fromSpool {
					sink = offline(t, srv, Options{Protocol: ProtocolWeir, BatchRecords: 40, Spool: dir})
				} else {
					write(t, sink, 1, 40)
				}
				synctest.Wait()
				srv.breakWith(errAway)
				mustClose(t, sink)
				checkSum(t, sink)
				if st := sink.Stats(); st.Sent != 20 || st.Spooled != 20 {
					t.Errorf("%+v", st)
				}
				files := spooled(t, dir)
				if len(files) != 1 || !strings.Contains(files[0], "21-00000000000000000040") {
					t.Fatalf("%v", files)
				}
				srv.breakWith(nil)
				posts := len(srv.all())
				last := offline(t, srv, Options{Protocol: ProtocolWeir, Spool: dir})
				synctest.Wait()
				wantInOrder(t, srv, 1, 40)
				if n := len(srv.all()) - posts; n != 1 || last.Stats().Duplicate != 0 {
					t.Errorf("%d posts, %+v", n, last.Stats())
				}
			})
		})
	}
}

func TestUserCacheSpool(t *testing.T) {
	home := t.TempDir()
	t.Setenv("XDG_CACHE_HOME", home)
	t.Setenv("HOME", home)
	t.Setenv("LocalAppData", home)
	sink := mustNew(t, "http://127.0.0.1:9", Options{Spool: SpoolUserCache})
	if !strings.HasPrefix(sink.spool.root, home) || !strings.Contains(sink.spool.root, filepath.Join("weir", "spool")) {
		t.Error(sink.spool.root)
	}
}

func FuzzDecodeSpool(f *testing.F) {
	good, err := encodeSpool(&batch{source: strings.Repeat("0a", 16), first: 7, last: 8, raw: []byte("{\"message\":\"a\"}\n{}\n")}, &gzipper{})
	if err != nil {
		f.Fatal(err)
	}
	f.Add(good)
	f.Add(good[:len(good)-1])
	f.Add([]byte("weir-spool 1 a 1-2 3 4 5\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		b, err := decodeSpool(data)
		if err != nil {
			if !errors.Is(err, errDamaged) {
				t.Error(err)
			}
			return
		}
		again, err := encodeSpool(b, &gzipper{})
		if err != nil {
			t.Fatal(err)
		}
		if back, err := decodeSpool(again); err != nil || back.String() != b.String() || !bytes.Equal(back.raw, b.raw) {
			t.Errorf("%v, %s became %s", err, b, back)
		}
	})
}

func FuzzSpoolName(f *testing.F) {
	f.Add("00000000000000000001-00000000000000000010.batch")
	f.Add("1-0.batch")
	f.Fuzz(func(t *testing.T, name string) {
		first, last, ok := parseSpoolName(name)
		if ok && (first < 1 || last < first || (&file{first: first, last: last}).records() < 1) {
			t.Errorf("%q: %d-%d", name, first, last)
		}
	})
}
