package otlp

import (
	"encoding/base64"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"

	"github.com/weirlog/weir/server/ingest/body"
	"github.com/weirlog/weir/server/ingest/gate"
	"github.com/weirlog/weir/server/intake"
)

// https://github.com/grpc/grpc/blob/master/doc/PROTOCOL-HTTP2.md

// exportPath is the one method.
const exportPath = "/opentelemetry.proto.collector.logs.v1.LogsService/Export"

// typeGRPC is the Content-Type of calls and answers.
const typeGRPC = "application/grpc"

// ServeHTTP answers one call.
func (s *GRPC) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if !isCall(r) {
		w.Header().Set("Content-Type", "text/plain; charset=utf-8")
		w.WriteHeader(http.StatusUnsupportedMediaType)
		_, _ = io.WriteString(w, "this port takes OTLP over gRPC; OTLP over HTTP goes to "+Path+" on the port of the page\n")
		return
	}
	if !s.gate.Admit(w, r, func(e *gate.Refusal) { fail(w, statusOf(e)) }) {
		return
	}
	if r.URL.Path != exportPath {
		fail(w, status{code: codeUnimplemented, message: fmt.Sprintf("%.100q is not here: this server takes logs, at %s", r.URL.Path, exportPath)})
		return
	}
	out, err := s.export(r)
	if err != nil {
		fail(w, *err)
		return
	}
	succeed(w, out)
}

// isCall reports whether a request is a call of gRPC with messages in protobuf.
func isCall(r *http.Request) bool {
	kind, _, _ := strings.Cut(r.Header.Get("Content-Type"), ";")
	return r.ProtoMajor == 2 && r.Method == http.MethodPost && (kind == typeGRPC || kind == typeGRPC+"+proto")
}

func (s *GRPC) export(r *http.Request) (outcome, *status) {
	frame, encoding, bad := openFrame(r)
	if bad != nil {
		source := intake.Source{Protocol: ProtocolGRPC, Sender: gate.Sender(r), Agent: r.UserAgent()}
		s.gate.Trouble(source, gate.CodeBadBody, bad.message)
		return outcome{}, bad
	}
	q, err := s.gate.Open(frame, gate.Door{Protocol: ProtocolGRPC, Encoding: encoding})
	if err != nil {
		return outcome{}, failure(err)
	}
	defer q.Close()
	if err := atEnd(r.Body); err != nil {
		return outcome{}, failure(q.Refuse(gate.Bad(gate.CodeBadBody, err, "nothing of this call was stored")))
	}
	out, err := s.store(r.Context(), q, protobufWire())
	if err != nil {
		return outcome{}, failure(err)
	}
	return out, nil
}

func failure(err error) *status {
	s := statusOf(refusal(err))
	return &s
}

// prefixBytes are before a message: whether it is packed, and its length.
const prefixBytes = 5

// openFrame reads what is before the message of a call, and returns a request whose body
// is the message, with its encoding.
func openFrame(r *http.Request) (*http.Request, string, *status) {
	var prefix [prefixBytes]byte
	if _, err := io.ReadFull(r.Body, prefix[:]); err != nil {
		return nil, "", &status{code: codeInvalidArgument, message: "the call has no message: " + err.Error()}
	}
	encoding := body.Identity
	if packed := prefix[0]; packed > 1 {
		return nil, "", &status{code: codeInvalidArgument, message: fmt.Sprintf("the message begins with %d, which is neither packed (1) nor not (0)", packed)}
	} else if packed == 1 {
		encoding = strings.ToLower(r.Header.Get("Grpc-Encoding"))
		if encoding != body.Gzip && encoding != body.Zstd {
			return nil, "", &status{code: codeUnimplemented, message: fmt.Sprintf("the grpc-encoding %.20q is not known; it may be gzip, zstd or identity", encoding)}
		}
	}
	frame := *r
	frame.ContentLength = int64(binary.BigEndian.Uint32(prefix[1:]))
	frame.Body = &message{body: r.Body, left: frame.ContentLength}
	return &frame, encoding, nil
}

// message reads so many bytes of a call. A call that ends before is an error.
type message struct {
	body io.ReadCloser
	left int64
}

func (m *message) Read(p []byte) (int, error) {
	if m.left == 0 {
		return 0, io.EOF
	}
	n, err := m.body.Read(p[:min(int64(len(p)), m.left)])
	m.left -= int64(n)
	if errors.Is(err, io.EOF) && m.left > 0 {
		err = io.ErrUnexpectedEOF
	}
	return n, err
}

func (m *message) Close() error { return m.body.Close() }

// atEnd waits for the end of a call that has one message.
func atEnd(body io.Reader) error {
	var next [1]byte
	switch n, err := io.ReadFull(body, next[:]); {
	case n > 0:
		return errors.New("the call has more than one message")
	case errors.Is(err, io.EOF):
		return nil
	default:
		return fmt.Errorf("read the end of the call: %w", err)
	}
}

// succeed answers with a message.
func succeed(w http.ResponseWriter, out outcome) {
	answer := out.proto()
	framed := make([]byte, prefixBytes, prefixBytes+len(answer))
	binary.BigEndian.PutUint32(framed[1:], uint32(len(answer)))
	begin(w)
	_, _ = w.Write(append(framed, answer...)) // a client that has left needs no answer
	w.Header().Set(http.TrailerPrefix+"Grpc-Status", strconv.Itoa(codeOK))
}

// fail answers with an error. It is there twice: as headers for every client, and with
// details, such as when to come again, for those that read them.
func fail(w http.ResponseWriter, s status) {
	begin(w)
	_ = http.NewResponseController(w).Flush() // without it there would be a Content-Length
	h := w.Header()
	h.Set(http.TrailerPrefix+"Grpc-Status", strconv.Itoa(s.code))
	h.Set(http.TrailerPrefix+"Grpc-Message", percent(valid(s.message)))
	h.Set(http.TrailerPrefix+"Grpc-Status-Details-Bin", base64.RawStdEncoding.EncodeToString(s.proto()))
}

func begin(w http.ResponseWriter) {
	w.Header().Set("Content-Type", typeGRPC)
	w.Header().Set("Grpc-Accept-Encoding", "identity,gzip,zstd")
}

// percent encodes a text for the header grpc-message.
func percent(text string) string {
	const hex = "0123456789ABCDEF"
	var b strings.Builder
	for i := 0; i < len(text); i++ {
		if c := text[i]; c >= ' ' && c <= '~' && c != '%' {
			b.WriteByte(c)
		} else {
			b.Write([]byte{'%', hex[c>>4], hex[c&15]})
		}
	}
	return b.String()
}
