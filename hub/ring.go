package hub

import (
	"sort"

	"github.com/weirlog/weir/record"
)

// ring is the records a hub keeps, in segments that are filled once and dropped
// whole, so that readers share them without a copy or a lock. Every method is
// called under the hub's lock.
//
// Records are counted by ordinal: the number published before them. The ring
// holds the ordinals [begin, end); begin is also the count of the evicted.
type ring struct {
	maxRecords, segmentRecords int
	maxBytes, segmentBytes     int64

	segments   []*segment
	begin, end uint64
	bytes      int64
	// floor is the position of the newest record that left, or the first watermark:
	// whoever stands at or above it finds everything after it in the ring.
	floor record.Position
	gone  evicted
}

// segment holds consecutive records. Only append writes, always beyond what a
// reader was given.
type segment struct {
	first   uint64 // ordinal of records[0]
	records []record.Record
	sizes   []int64
	bytes   int64
}

// A segment is a 64th of the ring, so that little more than the ring is kept
// alive by records that were evicted before their segment; 512 records are large
// enough that the cost of a segment is none per record.
const (
	segmentsInRing    = 64
	maxSegmentRecords = 512
)

func newRing(opts Options, last record.Position) ring {
	return ring{
		maxRecords:     opts.MaxRecords,
		segmentRecords: min(max(opts.MaxRecords/segmentsInRing, 1), maxSegmentRecords),
		maxBytes:       opts.MaxBytes,
		segmentBytes:   max(opts.MaxBytes/segmentsInRing, 1),
		floor:          last,
	}
}

func (r *ring) append(rec record.Record, size int64) {
	var tail *segment
	if n := len(r.segments); n > 0 {
		tail = r.segments[n-1]
	}
	if tail == nil || len(tail.records) == cap(tail.records) || tail.bytes >= r.segmentBytes {
		tail = &segment{
			first:   r.end,
			records: make([]record.Record, 0, r.segmentRecords),
			sizes:   make([]int64, 0, r.segmentRecords),
		}
		r.segments = append(r.segments, tail)
	}
	tail.records = append(tail.records, rec)
	tail.sizes = append(tail.sizes, size)
	tail.bytes += size
	r.bytes += size
	r.end++
	for r.end-r.begin > 1 && (r.end-r.begin > uint64(r.maxRecords) || r.bytes > r.maxBytes) {
		r.evict()
	}
}

func (r *ring) evict() {
	head := r.segments[0]
	i := int(r.begin - head.first)
	r.bytes -= head.sizes[i]
	r.floor = head.records[i].ID
	r.gone.add(r.floor, r.begin)
	r.begin++
	if i+1 == len(head.records) {
		r.segments[0] = nil
		r.segments = r.segments[1:]
	}
}

// live returns the segment's records that are in the ring.
func (r *ring) live(s *segment) []record.Record {
	n := len(s.records)
	from := 0
	if s.first < r.begin {
		from = int(r.begin - s.first)
	}
	return s.records[from:n:n]
}

// from returns up to limit records of one segment, beginning with the ordinal,
// which must be in [begin, end).
func (r *ring) from(ordinal uint64, limit int) []record.Record {
	i := sort.Search(len(r.segments), func(i int) bool { return r.segments[i].first > ordinal }) - 1
	s := r.segments[i]
	at := int(ordinal - s.first)
	n := min(len(s.records), at+limit)
	return s.records[at:n:n]
}

// ordinalAfter counts the records up to a position that is at or above the floor.
func (r *ring) ordinalAfter(p record.Position) uint64 {
	i := r.segmentAbove(p)
	if i == len(r.segments) {
		return r.end
	}
	live := r.live(r.segments[i])
	above := sort.Search(len(live), func(j int) bool { return live[j].ID > p })
	return max(r.segments[i].first, r.begin) + uint64(above)
}

// segmentAbove finds the first segment with a record above the position.
func (r *ring) segmentAbove(p record.Position) int {
	return sort.Search(len(r.segments), func(i int) bool {
		records := r.segments[i].records
		return records[len(records)-1].ID > p
	})
}

// between returns the records with positions in (after, upto], oldest first.
func (r *ring) between(after, upto record.Position) [][]record.Record {
	var parts [][]record.Record
	for _, s := range r.segments[r.segmentAbove(after):] {
		live := r.live(s)
		from := sort.Search(len(live), func(j int) bool { return live[j].ID > after })
		to := sort.Search(len(live), func(j int) bool { return live[j].ID > upto })
		if from < to {
			parts = append(parts, live[from:to:to])
		}
		if to < len(live) {
			break
		}
	}
	return parts
}
