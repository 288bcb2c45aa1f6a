// A judge of Parley's proofs that knows nothing of Parley: golang.org/x/mod's note and tlog packages over the files of a
// bundle, a receipt or a consistency proof.
//
//	judge bundle DIR VKEY…                          checkpoint, cosignatures, every earlier note, a full re-hash, every tile
//	judge receipt PROOF HEADER VKEY…                C2SP tlog-proof over the bytes of an entry's header
//	judge consistency OLD_NOTE NEW_NOTE PROOF VKEY…   PROOF: base64 hashes, one a line
//
// Of the VKEYs, those of type 0x01 are the log's, the newest last: it must have signed a bundle's checkpoint, and any of them what is
// older. Those of type 0x04 are witnesses': each must have cosigned that checkpoint.
//
// Build: GO111MODULE=off GOPATH=/usr/share/gocode go build judge.go
package main

import (
	"bytes"
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

const tileHeight = 8

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "judge:", err)
		os.Exit(1)
	}
}

func run(args []string) error {
	switch {
	case len(args) >= 3 && args[0] == "bundle":
		keys, err := parseKeys(args[2:])
		if err != nil {
			return err
		}
		return judgeBundle(args[1], keys)
	case len(args) >= 4 && args[0] == "receipt":
		keys, err := parseKeys(args[3:])
		if err != nil {
			return err
		}
		return judgeReceipt(args[1], args[2], keys)
	case len(args) >= 5 && args[0] == "consistency":
		keys, err := parseKeys(args[4:])
		if err != nil {
			return err
		}
		return judgeConsistency(args[1], args[2], args[3], keys)
	}
	return fmt.Errorf("usage: judge bundle|receipt|consistency …")
}

// Whom to trust: the log's keys, the newest last, and witnesses'.
type keys struct {
	logs      []note.Verifier
	witnesses []note.Verifier
}

func parseKeys(vkeys []string) (keys, error) {
	var out keys
	for _, vkey := range vkeys {
		if witness, err := newCosigner(vkey); err == nil {
			out.witnesses = append(out.witnesses, witness)
			continue
		}
		log, err := note.NewVerifier(vkey)
		if err != nil {
			return keys{}, fmt.Errorf("%q: %w", vkey, err)
		}
		out.logs = append(out.logs, log)
	}
	if len(out.logs) == 0 {
		return keys{}, fmt.Errorf("no key of the log's")
	}
	return out, nil
}

// A C2SP cosignature (type 0x04), which x/mod's NewVerifier does not know.
type cosigner struct {
	name string
	hash uint32
	key  ed25519.PublicKey
}

func newCosigner(vkey string) (*cosigner, error) {
	parts := strings.SplitN(vkey, "+", 3)
	if len(parts) != 3 {
		return nil, fmt.Errorf("malformed vkey %q", vkey)
	}
	raw, err := base64.StdEncoding.DecodeString(parts[2])
	if err != nil || len(raw) != 33 || raw[0] != 4 {
		return nil, fmt.Errorf("not a cosignature key: %q", vkey)
	}
	sum := sha256.Sum256(append([]byte(parts[0]+"\n"), raw...))
	hash := binary.BigEndian.Uint32(sum[:4])
	if fmt.Sprintf("%08x", hash) != parts[1] {
		return nil, fmt.Errorf("the key id of %q is not its own", vkey)
	}
	return &cosigner{parts[0], hash, ed25519.PublicKey(raw[1:])}, nil
}

func (c *cosigner) Name() string    { return c.name }
func (c *cosigner) KeyHash() uint32 { return c.hash }
func (c *cosigner) Verify(msg, sig []byte) bool {
	if len(sig) != 8+ed25519.SignatureSize {
		return false
	}
	text := fmt.Sprintf("cosignature/v1\ntime %d\n%s", binary.BigEndian.Uint64(sig), msg)
	return ed25519.Verify(c.key, []byte(text), sig[8:])
}

// Opens a note and wants a signature by everybody in `each` and by somebody in `oneOf`: note.Open is content with any one it knows.
func open(data []byte, each, oneOf []note.Verifier) (tlog.Tree, error) {
	opened, err := note.Open(data, note.VerifierList(append(append([]note.Verifier{}, each...), oneOf...)...))
	if err != nil {
		return tlog.Tree{}, err
	}
	signed := func(verifier note.Verifier) bool {
		for _, sig := range opened.Sigs {
			if sig.Name == verifier.Name() && sig.Hash == verifier.KeyHash() {
				return true
			}
		}
		return false
	}
	for _, verifier := range each {
		if !signed(verifier) {
			return tlog.Tree{}, fmt.Errorf("no signature by %s", verifier.Name())
		}
	}
	name := ""
	for _, verifier := range oneOf {
		if signed(verifier) {
			name = verifier.Name()
		}
	}
	if name == "" {
		return tlog.Tree{}, fmt.Errorf("no signature by the log")
	}
	// tlog.ParseTree takes sum.golang.org's first line only; a checkpoint's is its origin, which is the log key's name.
	lines := strings.Split(opened.Text, "\n")
	if len(lines) != 4 || lines[3] != "" {
		return tlog.Tree{}, fmt.Errorf("a checkpoint has three lines")
	}
	if lines[0] != name {
		return tlog.Tree{}, fmt.Errorf("origin %q is not the log's", lines[0])
	}
	size, err := strconv.ParseInt(lines[1], 10, 64)
	if err != nil {
		return tlog.Tree{}, err
	}
	root, err := tlog.ParseHash(lines[2])
	return tlog.Tree{N: size, Hash: root}, err
}

func openFile(file string, each, oneOf []note.Verifier) (tlog.Tree, error) {
	data, err := os.ReadFile(file)
	if err != nil {
		return tlog.Tree{}, err
	}
	return open(data, each, oneOf)
}

// C2SP's path of a tile: x/mod's has the height in it, and calls entries data.
func tilePath(tile tlog.Tile) string {
	path := strings.Replace(tile.Path(), "tile/8/", "tile/", 1)
	return strings.Replace(path, "tile/data/", "tile/entries/", 1)
}

// The entries of a bundle, in order.
func readEntries(dir string, size int64, visit func(index int64, entry []byte) error) error {
	for first := int64(0); first < size; first += 1 << tileHeight {
		width := size - first
		if width > 1<<tileHeight {
			width = 1 << tileHeight
		}
		tile := tlog.Tile{H: tileHeight, L: -1, N: first >> tileHeight, W: int(width)}
		data, err := os.ReadFile(filepath.Join(dir, tilePath(tile)))
		if err != nil {
			return err
		}
		for i := int64(0); i < width; i++ {
			if len(data) < 2 || len(data)-2 < int(binary.BigEndian.Uint16(data)) {
				return fmt.Errorf("%s is cut short", tilePath(tile))
			}
			n := int(binary.BigEndian.Uint16(data))
			if err := visit(first+i, data[2:2+n]); err != nil {
				return err
			}
			data = data[2+n:]
		}
		if len(data) != 0 {
			return fmt.Errorf("%s holds more than its entries", tilePath(tile))
		}
	}
	return nil
}

// Older versions of tlog list a partial tile at every width up to its own.
func widest(tiles []tlog.Tile) []tlog.Tile {
	var out []tlog.Tile
	for _, tile := range tiles {
		if last := len(out) - 1; last >= 0 && out[last].L == tile.L && out[last].N == tile.N {
			out[last] = tile
		} else {
			out = append(out, tile)
		}
	}
	return out
}

func judgeBundle(dir string, keys keys) error {
	newest := keys.logs[len(keys.logs)-1:]
	tree, err := openFile(filepath.Join(dir, "checkpoint"), keys.witnesses, newest)
	if err != nil {
		return fmt.Errorf("checkpoint: %w", err)
	}
	fmt.Printf("checkpoint: size %d, signed by the log and %d witnesses\n", tree.N, len(keys.witnesses))

	// TileHashReader would take flipped bytes that it does not need: everything is hashed anew from the entries.
	var stored []tlog.Hash
	reader := tlog.HashReaderFunc(func(indexes []int64) ([]tlog.Hash, error) {
		out := make([]tlog.Hash, len(indexes))
		for i, index := range indexes {
			if index >= int64(len(stored)) {
				return nil, fmt.Errorf("hash %d is beyond the tree", index)
			}
			out[i] = stored[index]
		}
		return out, nil
	})
	err = readEntries(dir, tree.N, func(index int64, entry []byte) error {
		if !bytes.HasPrefix(entry, []byte("parley/leaf/v1\x00")) {
			return fmt.Errorf("entry %d is no leaf", index)
		}
		hashes, err := tlog.StoredHashes(index, entry, reader)
		stored = append(stored, hashes...)
		return err
	})
	if err != nil {
		return err
	}
	if tree.N > 0 { // TreeHash(0) is zeros, not RFC 6962's empty root.
		root, err := tlog.TreeHash(tree.N, reader)
		if err != nil {
			return err
		}
		if root != tree.Hash {
			return fmt.Errorf("the entries hash to %v, the checkpoint says %v", root, tree.Hash)
		}
	}
	fmt.Printf("entries: %d hash to the checkpoint's root\n", tree.N)

	tiles := widest(tlog.NewTiles(tileHeight, 0, tree.N))
	for _, tile := range tiles {
		want, err := tlog.ReadTileData(tile, reader)
		if err != nil {
			return err
		}
		got, err := os.ReadFile(filepath.Join(dir, tilePath(tile)))
		if err != nil {
			return err
		}
		if !bytes.Equal(got, want) {
			return fmt.Errorf("%s is not what the entries give", tilePath(tile))
		}
	}
	fmt.Printf("tiles: %d are what the entries give\n", len(tiles))

	older, err := filepath.Glob(filepath.Join(dir, "checkpoints", "*"))
	if err != nil {
		return err
	}
	for _, file := range older {
		old, err := openFile(file, nil, keys.logs)
		if err != nil {
			return fmt.Errorf("%s: %w", filepath.Base(file), err)
		}
		proof, err := tlog.ProveTree(tree.N, old.N, reader)
		if err != nil {
			return err
		}
		if err := tlog.CheckTree(proof, tree.N, tree.Hash, old.N, old.Hash); err != nil {
			return fmt.Errorf("%s: %w", filepath.Base(file), err)
		}
	}
	fmt.Printf("history: %d earlier checkpoints are prefixes\n", len(older))
	return nil
}

func judgeReceipt(proofFile, headerFile string, keys keys) error {
	data, err := os.ReadFile(proofFile)
	if err != nil {
		return err
	}
	header, err := os.ReadFile(headerFile)
	if err != nil {
		return err
	}
	proofText, checkpoint, found := strings.Cut(string(data), "\n\n")
	if !found {
		return fmt.Errorf("no checkpoint in the proof")
	}
	lines := strings.Split(proofText, "\n")
	if lines[0] != "c2sp.org/tlog-proof@v1" || len(lines) < 2 || !strings.HasPrefix(lines[1], "index ") {
		return fmt.Errorf("not a tlog-proof")
	}
	index, err := strconv.ParseInt(strings.TrimPrefix(lines[1], "index "), 10, 64)
	if err != nil {
		return err
	}
	hashes, err := parseHashes(lines[2:])
	if err != nil {
		return err
	}
	tree, err := open([]byte(checkpoint), nil, keys.logs)
	if err != nil {
		return err
	}
	if err := tlog.CheckRecord(tlog.RecordProof(hashes), tree.N, tree.Hash, index, tlog.RecordHash(header)); err != nil {
		return err
	}
	fmt.Printf("entry %d is in the tree of size %d\n", index, tree.N)
	return nil
}

func judgeConsistency(oldNote, newNote, proofFile string, keys keys) error {
	older, err := openFile(oldNote, nil, keys.logs)
	if err != nil {
		return err
	}
	newer, err := openFile(newNote, nil, keys.logs)
	if err != nil {
		return err
	}
	data, err := os.ReadFile(proofFile)
	if err != nil {
		return err
	}
	hashes, err := parseHashes(strings.Fields(string(data)))
	if err != nil {
		return err
	}
	if err := tlog.CheckTree(tlog.TreeProof(hashes), newer.N, newer.Hash, older.N, older.Hash); err != nil {
		return err
	}
	fmt.Printf("the tree of size %d is a prefix of that of size %d\n", older.N, newer.N)
	return nil
}

func parseHashes(lines []string) ([]tlog.Hash, error) {
	hashes := make([]tlog.Hash, 0, len(lines))
	for _, line := range lines {
		hash, err := tlog.ParseHash(line)
		if err != nil {
			return nil, err
		}
		hashes = append(hashes, hash)
	}
	return hashes, nil
}
