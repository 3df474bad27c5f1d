package queue

import "math"

// reservedFrom is the least level that the reserve admits: WARN.
const reservedFrom = 3

// reserveShare of each bound is the reserve: an eighth is enough for the warnings
// that tell why the rest is full, and costs the others little.
const reserveShare = 8

// recordChunks is how many chunks a shard may fill before the bound in records is
// reached. A chunk is given its records as a whole, so that a push counts nothing
// that shards share; what idle shards hold back is then at most an eighth of the
// bound.
const recordChunks = 8

// unboundedRecords stands for no bound in records. It is far from what a sum of
// chunks reaches and from overflow.
const unboundedRecords = math.MaxInt / 4

// budget is an amount of what the queue is bounded by.
type budget struct {
	bytes   int // of chunks
	records int // that chunks may hold
}

func (b *budget) add(o budget) { b.bytes += o.bytes; b.records += o.records }

func (b *budget) sub(o budget) { b.bytes -= o.bytes; b.records -= o.records }

// fits reports whether both amounts are at most bound's.
func (b budget) fits(bound budget) bool {
	return b.bytes <= bound.bytes && b.records <= bound.records
}

func (b budget) plus(o budget) budget { return budget{b.bytes + o.bytes, b.records + o.records} }

// layout is how a queue's bounds are divided.
type layout struct {
	shards       int
	chunkSize    int    // bytes of a common chunk
	chunkRecords int    // records of a common chunk at most
	whole        budget // the bounds
	open         budget // the bounds for levels below reservedFrom
	high, low    budget // the marks of OverHalf
}

// layOut divides the bounds. shards is how many shards would be best.
func layOut(o *Options, shards int) layout {
	l := layout{shards: 2, whole: budget{o.Limit, unboundedRecords}, chunkRecords: MaxChunk}
	if o.MaxRecords > 0 {
		l.shards = 1
		l.whole.records = o.MaxRecords
	}
	for l.shards < min(shards, maxShards) {
		l.shards *= 2
	}
	if o.MaxRecords > 0 {
		for l.shards > 1 && recordChunks*l.shards > o.MaxRecords {
			l.shards /= 2
		}
	}
	pieces := 4 * l.shards
	if o.MaxRecords > 0 {
		l.chunkRecords = max(1, o.MaxRecords/(recordChunks*l.shards))
		// One chunk for each shard and one for the drainer are in use when all
		// others are full.
		pieces = max(pieces, (o.MaxRecords+l.chunkRecords-1)/l.chunkRecords+l.shards+1)
	}
	l.chunkSize = min(max(o.Limit/pieces, minChunk), MaxChunk)

	l.open = l.whole
	if !o.NoReserve {
		// Memory of less than eight chunks has no reserve, nor has a bound of fewer
		// than eight records.
		if r := o.Limit / reserveShare; r >= l.chunkSize {
			l.open.bytes -= r
		}
		l.open.records -= l.whole.records / reserveShare
	}
	// Chunks that idle shards and the drainer hold must not keep OverHalf up.
	idle := budget{(l.shards + 1) * l.chunkSize, l.shards * l.chunkRecords}
	l.high = budget{l.whole.bytes / 2, l.whole.records / 2}
	l.low = budget{
		min(max(l.whole.bytes/4, idle.bytes), l.high.bytes),
		min(max(l.whole.records/4, idle.records), l.high.records),
	}
	return l
}
