package syslog

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/weirlog/weir/server/ingest/gate"
)

// writeCertificate makes a self-signed certificate for 127.0.0.1 and returns its files.
func writeCertificate(t *testing.T, name string) (cert, key string) {
	t.Helper()
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: name},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}, IsCA: true, BasicConstraintsValid: true,
		KeyUsage: x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth, x509.ExtKeyUsageClientAuth},
	}
	public, err := x509.CreateCertificate(rand.Reader, template, template, &private.PublicKey, private)
	if err != nil {
		t.Fatal(err)
	}
	secret, err := x509.MarshalPKCS8PrivateKey(private)
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	write := func(file, kind string, der []byte) string {
		path := filepath.Join(dir, file)
		if err := os.WriteFile(path, pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der}), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	return write("cert.pem", "CERTIFICATE", public), write("key.pem", "PRIVATE KEY", secret)
}

func clientConfig(t *testing.T, serverCert string, own ...string) *tls.Config {
	t.Helper()
	text, err := os.ReadFile(serverCert)
	if err != nil {
		t.Fatal(err)
	}
	config := &tls.Config{RootCAs: x509.NewCertPool()}
	config.RootCAs.AppendCertsFromPEM(text)
	if len(own) == 2 {
		pair, err := tls.LoadX509KeyPair(own[0], own[1])
		if err != nil {
			t.Fatal(err)
		}
		config.Certificates = []tls.Certificate{pair}
	}
	return config
}

func TestTLS(t *testing.T) {
	cert, key := writeCertificate(t, "server")
	config, err := LoadTLS(cert, key, "")
	if err != nil {
		t.Fatal(err)
	}
	r := newRig(t, Options{TLS: config}, gate.Options{})
	conn, err := tls.Dial("tcp", r.server.Addr().String(), clientConfig(t, cert))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close() //nolint:errcheck // the test has seen what it wanted
	r.write(conn, counted("<13>1 - h app - - - over TLS,")+lines(0, 2000))
	all := r.records(2001)
	if all[0].Message != "over TLS," {
		t.Errorf("%q", all[0].Message)
	}
	if c := r.settled(protocolTLS, "127.0.0.1"); c.Stored != 2001 {
		t.Errorf("%+v", c)
	}
	if _, err := net.ListenPacket("udp", r.server.Addr().String()); err != nil {
		t.Errorf("UDP is served beside TLS: %v", err)
	}
	plain := r.dial("tcp")
	r.write(plain, lines(0, 1))
	r.until("the complaint about a client without TLS", func() bool {
		n, message := r.troubles(protocolTLS, "127.0.0.1", troubleHandshake)
		return n == 1 && strings.Contains(message, "TLS")
	})
}

func TestClientCertificates(t *testing.T) {
	cert, key := writeCertificate(t, "server")
	clientCert, clientKey := writeCertificate(t, "client")
	config, err := LoadTLS(cert, key, clientCert)
	if err != nil {
		t.Fatal(err)
	}
	r := newRig(t, Options{TLS: config}, gate.Options{})
	conn, err := tls.Dial("tcp", r.server.Addr().String(), clientConfig(t, cert, clientCert, clientKey))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close() //nolint:errcheck // the test has seen what it wanted
	r.write(conn, lines(0, 1))
	r.records(1)
	if conn, err := tls.Dial("tcp", r.server.Addr().String(), clientConfig(t, cert)); err == nil {
		conn.Write([]byte(lines(0, 1))) //nolint:errcheck // the server has hung up, or is about to
		conn.Close()                    //nolint:errcheck // as above
	}
	r.until("the refusal of a client without a certificate", func() bool {
		n, _ := r.troubles(protocolTLS, "127.0.0.1", troubleHandshake)
		return n == 1
	})
	r.records(1)
}

func TestLoadTLS(t *testing.T) {
	cert, key := writeCertificate(t, "server")
	for name, files := range map[string][3]string{
		"no key":         {cert, "", ""},
		"no certificate": {"", key, ""},
		"a missing file": {cert + "x", key, ""},
		"the wrong way":  {key, cert, ""},
		"no authority":   {cert, key, key},
		"a missing CA":   {cert, key, key + "x"},
	} {
		if _, err := LoadTLS(files[0], files[1], files[2]); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}
