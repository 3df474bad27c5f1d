package otlp

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"runtime"
	"strings"
	"testing"
	"time"

	logspb "go.opentelemetry.io/proto/otlp/logs/v1"
	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/encoding/gzip"
	grpcstatus "google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/emptypb"

	"github.com/weirlog/weir/server/ingest/body"
	"github.com/weirlog/weir/server/ingest/gate"
	"github.com/weirlog/weir/server/store/faulty"
)

// patience is how long a test waits for what must happen; only a failing one does.
const patience = 30 * time.Second

// grpcRig is a server for gRPC with a client of the gRPC library.
type grpcRig struct {
	*rig
	server  *GRPC
	address string
	client  *grpc.ClientConn
	cancel  func()
	ended   chan error
}

func openGRPC(t *testing.T, commit int, gateOpts gate.Options, opts GRPCOptions, creds credentials.TransportCredentials) *grpcRig {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	d := open(t, commit, gateOpts)
	s := NewGRPC(d.gate, opts)
	ctx, cancel := context.WithCancel(context.Background())
	g := &grpcRig{rig: d, server: s, address: l.Addr().String(), cancel: cancel, ended: make(chan error, 1)}
	go func() { g.ended <- s.Run(ctx, l) }()
	g.client, err = grpc.NewClient(g.address, grpc.WithTransportCredentials(creds))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := g.client.Close(); err != nil && grpcstatus.Code(err) != codes.Canceled {
			t.Error(err)
		}
		g.stop(t)
	})
	return g
}

func (g *grpcRig) stop(t *testing.T) {
	t.Helper()
	g.cancel()
	select {
	case err := <-g.ended:
		g.ended <- err
		if err != nil {
			t.Error(err)
		}
	case <-time.After(patience):
		t.Fatal("the server does not end")
	}
}

// export calls the service, and returns the answer's bytes.
func (g *grpcRig) export(m proto.Message, opts ...grpc.CallOption) ([]byte, error) {
	return g.call(exportPath, m, opts...)
}

func (g *grpcRig) call(method string, m proto.Message, opts ...grpc.CallOption) ([]byte, error) {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	var answer emptypb.Empty
	err := g.client.Invoke(ctx, method, m, &answer, opts...)
	return answer.ProtoReflect().GetUnknown(), err
}

func sampleLogs(t testing.TB) *logspb.LogsData {
	t.Helper()
	var logs logspb.LogsData
	if err := proto.Unmarshal(asProto(t, readFile(t, "sample.json")), &logs); err != nil {
		t.Fatal(err)
	}
	return &logs
}

func TestGRPCSample(t *testing.T) {
	g := openGRPC(t, 100, gate.Options{}, GRPCOptions{}, insecure.NewCredentials())
	answer, err := g.export(sampleLogs(t))
	if err != nil || len(answer) > 0 {
		t.Fatal(err, answer)
	}
	golden(t, "sample.golden", g.stored())
	if _, err := g.export(sampleLogs(t), grpc.UseCompressor(gzip.Name)); err != nil || len(g.memory.Records()) != 16 {
		t.Error(err, len(g.memory.Records()))
	}
	lines := g.intake.Ledger()
	if len(lines) != 1 || lines[0].Protocol != ProtocolGRPC || lines[0].Sender != "127.0.0.1" || !strings.HasPrefix(lines[0].Agent, "grpc-go/") {
		t.Errorf("%+v", lines)
	}
}

// TestGRPCMany: many calls at once, over more streams than one connection may have.
func TestGRPCMany(t *testing.T) {
	g := openGRPC(t, 1000, gate.Options{}, GRPCOptions{MaxStreams: 4}, insecure.NewCredentials())
	results := make(chan error)
	const calls = 40
	for i := range calls {
		go func() {
			logs := thousand()
			logs.ResourceLogs[0].SchemaUrl = fmt.Sprint(i) // another body each time: not a repetition
			_, err := g.export(logs, grpc.UseCompressor(gzip.Name))
			results <- err
		}()
	}
	for range calls {
		if err := <-results; err != nil {
			t.Error(err)
		}
	}
	if n := len(g.memory.Records()); n != calls*1000 {
		t.Errorf("%d records", n)
	}
}

func TestGRPCErrors(t *testing.T) {
	now := time.Unix(1_700_000_000, 0)
	opts := gate.Options{Body: body.Limits{Sent: 5_000, Unpacked: 50_000}, Clock: func() time.Time { return now }, Rate: 4}
	g := openGRPC(t, 100, opts, GRPCOptions{}, insecure.NewCredentials())
	check := func(name string, err error, want codes.Code, says string, retry time.Duration) {
		t.Helper()
		got := grpcstatus.Convert(err)
		if got.Code() != want || !strings.Contains(got.Message(), says) {
			t.Errorf("%s: %v", name, err)
		}
		var delay time.Duration
		for _, detail := range got.Details() {
			if info, ok := detail.(*errdetails.RetryInfo); ok {
				delay = info.RetryDelay.AsDuration()
			}
		}
		if delay != retry {
			t.Errorf("%s: to be tried again after %v", name, delay)
		}
	}
	bad := &logspb.LogsData{}
	bad.ProtoReflect().SetUnknown([]byte{0x0A, 1, 0xFF})
	_, err := g.export(bad)
	check("bad data", err, codes.InvalidArgument, "no OTLP protobuf", 0)
	_, err = g.call("/opentelemetry.proto.collector.trace.v1.TraceService/Export", bad)
	check("traces", err, codes.Unimplemented, "takes logs", 0)
	_, err = g.export(thousand())
	check("large", err, codes.ResourceExhausted, "--max-body", 0)
	_, err = g.export(thousand(), grpc.UseCompressor(gzip.Name))
	check("a large one, packed", err, codes.ResourceExhausted, "--max-", 0)
	g.store.Always(faulty.FailBefore)
	_, err = g.export(&logspb.LogsData{ResourceLogs: []*logspb.ResourceLogs{{ScopeLogs: []*logspb.ScopeLogs{{LogRecords: []*logspb.LogRecord{{}}}}}}})
	check("the store is away", err, codes.Unavailable, "records cannot be stored now", 2*time.Second)
	g.store.Always(faulty.None)
	_, err = g.export(sampleLogs(t))
	check("nothing", err, codes.OK, "", 0)
	_, err = g.export(sampleLogs(t))
	check("too fast", err, codes.ResourceExhausted, "--max-rate", 1001*time.Millisecond) // what was not stored is free
	if n := len(g.memory.Records()); n != 8 {
		t.Errorf("%d records", n)
	}
	if got := g.troubles(ProtocolGRPC); got[gate.CodeBadBody] != 1 || got[gate.CodeTooLarge] != 2 || got[gate.CodeRate] != 1 || got[gate.CodeUnavailable] != 1 {
		t.Errorf("%v", got)
	}
}

func TestGRPCPartialSuccess(t *testing.T) {
	g := openGRPC(t, 100, gate.Options{}, GRPCOptions{}, insecure.NewCredentials())
	record := &logspb.LogRecord{}
	record.ProtoReflect().SetUnknown([]byte{0x0A})
	answer, err := g.export(&logspb.LogsData{ResourceLogs: []*logspb.ResourceLogs{{ScopeLogs: []*logspb.ScopeLogs{{LogRecords: []*logspb.LogRecord{{}, record}}}}}})
	if err != nil {
		t.Fatal(err)
	}
	if rejected, message := partialOf(t, answer); rejected != 1 || !strings.HasPrefix(message, "1 of 2 records were not taken: record 2: ") {
		t.Errorf("%d, %q", rejected, message)
	}
}

// TestGRPCFrames: calls that no library makes are answered in clear words.
func TestGRPCFrames(t *testing.T) {
	g := openGRPC(t, 100, gate.Options{}, GRPCOptions{ReadTimeout: 200 * time.Millisecond}, insecure.NewCredentials())
	var protocols http.Protocols
	protocols.SetUnencryptedHTTP2(true)
	transport := &http.Transport{Protocols: &protocols}
	defer transport.CloseIdleConnections()
	held, _ := io.Pipe()
	stopping := struct { // the client closes it when it has its answer
		io.Reader
		io.Closer
	}{io.MultiReader(strings.NewReader("\x00\x00\x00\x00\x09abc"), held), held}
	for name, c := range map[string]struct {
		body     io.Reader
		encoding string
		status   string
		says     string
	}{
		"nothing":             {strings.NewReader(""), "", "3", "no message"},
		"half a prefix":       {strings.NewReader("\x00\x00"), "", "3", "no message"},
		"a strange prefix":    {strings.NewReader("\x02\x00\x00\x00\x00"), "", "3", "begins with 2"},
		"half a message":      {strings.NewReader("\x00\x00\x00\x00\x09abc"), "", "3", "unexpected EOF"},
		"two messages":        {strings.NewReader("\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00"), "", "3", "more than one message"},
		"a huge message":      {strings.NewReader("\x00\xFF\xFF\xFF\xFF"), "", "8", "--max-body"},
		"unknown packing":     {strings.NewReader("\x01\x00\x00\x00\x01x"), "br", "12", `"br" is not known`},
		"unnamed packing":     {strings.NewReader("\x01\x00\x00\x00\x01x"), "", "12", `"" is not known`},
		"not gzip":            {strings.NewReader("\x01\x00\x00\x00\x01x"), "gzip", "3", "not gzip"},
		"empty":               {strings.NewReader("\x00\x00\x00\x00\x00"), "", "0", ""},
		"a sender that stops": {stopping, "", "4", "too long"},
	} {
		r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, "http://"+g.address+exportPath, c.body)
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("Content-Type", typeGRPC)
		if c.encoding != "" {
			r.Header.Set("Grpc-Encoding", c.encoding)
		}
		w, err := transport.RoundTrip(r)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		_, err = io.Copy(io.Discard, w.Body)
		if err = errors.Join(err, w.Body.Close()); err != nil || w.StatusCode != http.StatusOK ||
			w.Trailer.Get("Grpc-Status") != c.status || !strings.Contains(w.Trailer.Get("Grpc-Message"), c.says) {
			t.Errorf("%s: %v %d %v", name, err, w.StatusCode, w.Trailer)
		}
	}
}

// TestGRPCWrongPort: who speaks HTTP to the port of gRPC is told where to go.
func TestGRPCWrongPort(t *testing.T) {
	g := openGRPC(t, 100, gate.Options{}, GRPCOptions{}, insecure.NewCredentials())
	w, err := http.Post("http://"+g.address+Path, typeProto, strings.NewReader("x"))
	if err != nil {
		t.Fatal(err)
	}
	text, err := io.ReadAll(w.Body)
	if err = errors.Join(err, w.Body.Close()); err != nil || w.StatusCode != http.StatusUnsupportedMediaType || !strings.Contains(string(text), Path) {
		t.Errorf("%v %d %s", err, w.StatusCode, text)
	}
}

func TestGRPCOverTLS(t *testing.T) {
	server := httptest.NewTLSServer(http.NotFoundHandler()) // for its certificate
	defer server.Close()
	authorities := x509.NewCertPool()
	authorities.AddCert(server.Certificate())
	creds := credentials.NewTLS(&tls.Config{RootCAs: authorities, ServerName: "example.com", MinVersion: tls.VersionTLS12})
	opts := GRPCOptions{TLS: &tls.Config{Certificates: server.TLS.Certificates, MinVersion: tls.VersionTLS12}}
	g := openGRPC(t, 100, gate.Options{}, opts, creds)
	if _, err := g.export(sampleLogs(t)); err != nil || len(g.memory.Records()) != 8 {
		t.Error(err, len(g.memory.Records()))
	}
}

// TestGRPCStops: a call under way is answered before the server ends.
func TestGRPCStops(t *testing.T) {
	g := openGRPC(t, 100, gate.Options{}, GRPCOptions{}, insecure.NewCredentials())
	release := g.store.Hold()
	called := make(chan error, 1)
	go func() {
		_, err := g.export(sampleLogs(t))
		called <- err
	}()
	for deadline := time.Now().Add(patience); ; {
		if appends, _ := g.store.Calls(); appends > 0 {
			break
		}
		if time.Now().After(deadline) {
			t.Fatal("the call did not come to the store")
		}
		runtime.Gosched()
	}
	g.cancel()
	release()
	if err := <-called; err != nil {
		t.Error(err)
	}
	g.stop(t)
	if len(g.memory.Records()) != 8 {
		t.Error("the records are not stored")
	}
}
