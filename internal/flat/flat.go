// Package flat is the form that a record has between the log call and the worker:
// bytes without pointers.
//
// [Encoder.Begin] and the methods after it write a record at the call,
// [Decoder.Decode] reads it in the worker. Whatever may change after the call, or
// runs somebody's code, is resolved while encoding.
//
// It is not a format for files or the network: both sides are the same build.
package flat

import (
	"encoding/binary"
	"errors"

	"github.com/weirlog/weir/internal/queue"
	"github.com/weirlog/weir/record"
)

// The layout of a record's head, after the queue's own header. All numbers are
// little-endian.
const (
	severityOffset = queue.OwnerOffset     // uint8, record.Severity
	flagsOffset    = queue.OwnerOffset + 1 // uint8
	timeOffset     = queue.HeaderSize      // int64: nanoseconds on the queue's clock, or Unix seconds
	nanosOffset    = timeOffset + 8        // uint32: of a time that was given
	lengthOffset   = nanosOffset + 4       // uint32: of the message
	callerOffset   = lengthOffset + 4      // uint64: program counter of the call, 0 for none
	loggerOffset   = callerOffset + 8      // uint32: number of the logger's name
	tapOffset      = loggerOffset + 4      // uint32: number of the tap that follows the record, 0 for none
	headSize       = tapOffset + 4
)

// The flags.
const (
	kindMask  = 0x03 // record.Kind
	flagGiven = 0x04 // the time was given with the record, not read at the call
	flagNone  = 0x08 // the record was given without a time
)

// op is what comes next after the message. An op is followed by the length of its
// key in three bytes, the key, and its operand.
type op = byte

const (
	opString   op = iota + 1 // uint32 length, text
	opJSON                   // uint32 length, JSON text
	opInt                    // 8 bytes
	opUint                   // 8 bytes
	opFloat                  // 8 bytes
	opDuration               // 8 bytes
	opTrue                   // nothing
	opFalse                  // nothing
	opNull                   // nothing
	opTime                   // int64 Unix seconds, uint32 nanoseconds
	opGroup                  // nothing; what follows is inside it; left out when it is empty
	opObject                 // the same, but kept when it is empty
	opArray                  // the same; what is in it has empty keys
	opEnd                    // nothing, no key; ends the innermost opGroup, opObject or opArray
)

const (
	opSize    = 4 // op and length of the key
	maxKey    = 1<<24 - 1
	timeSize  = 12
	scalarLen = 8
)

// MaxDepth bounds how deep groups and arrays may lie in each other; a value below
// it is kept as text.
const MaxDepth = record.MaxDepth

// errCorrupt is returned by Decode for bytes that no Encoder wrote.
var errCorrupt = errors.New("corrupt record in the queue")

// LevelIndex maps a severity to the queue's count of levels.
func LevelIndex(s record.Severity) uint8 { return (uint8(max(s, 1)) - 1) / 4 }

func appendOp(b []byte, o op, key string) []byte {
	b = binary.LittleEndian.AppendUint32(b, uint32(o)|uint32(len(key))<<8)
	return append(b, key...)
}
