// Decodes a stream of BGP messages with GoBGP's parser, again and again, and prints the figures as
// JSON. A run is what a speaker does with what its peer sends: cut, parse, and validate if asked to.
//
//	decode FILE parse|validate WARM-UPS RUNS
package main

import (
	"encoding/binary"
	"encoding/json"
	"fmt"
	"os"
	"strconv"
	"time"

	"github.com/osrg/gobgp/v3/pkg/packet/bgp"
)

// What a stream holds: the same whoever decodes it.
type contents struct {
	Messages   int `json:"messages"`
	Announced  int `json:"announced"`
	Withdrawn  int `json:"withdrawn"`
	Attributes int `json:"attributes"`
}

type figures struct {
	contents
	RunsMs []float64 `json:"runsMs"`
}

func main() {
	if err := measure(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func measure(args []string) error {
	if len(args) != 4 {
		return fmt.Errorf("usage: decode FILE parse|validate WARM-UPS RUNS")
	}
	stream, err := os.ReadFile(args[0])
	if err != nil {
		return err
	}
	warmUps, err := strconv.Atoi(args[2])
	if err != nil {
		return err
	}
	runs, err := strconv.Atoi(args[3])
	if err != nil {
		return err
	}
	var result figures
	for run := 0; run < warmUps+runs; run++ {
		start := time.Now()
		found, err := decode(stream, args[1] == "validate")
		if err != nil {
			return err
		}
		if run < warmUps {
			continue
		}
		result.contents = found
		result.RunsMs = append(result.RunsMs, float64(time.Since(start).Microseconds())/1000)
	}
	return json.NewEncoder(os.Stdout).Encode(result)
}

func decode(stream []byte, validate bool) (contents, error) {
	var found contents
	for at := 0; at < len(stream); {
		length := int(binary.BigEndian.Uint16(stream[at+16:]))
		message, err := bgp.ParseBGPMessage(stream[at : at+length])
		if err != nil {
			return found, fmt.Errorf("message at %d: %w", at, err)
		}
		at += length
		found.Messages++
		if update, ok := message.Body.(*bgp.BGPUpdate); ok {
			if validate {
				if ok, err := bgp.ValidateUpdateMsg(update, families, true, false); !ok {
					return found, fmt.Errorf("message before %d: %w", at, err)
				}
			}
			count(update, &found)
		}
	}
	return found, nil
}

func count(update *bgp.BGPUpdate, found *contents) {
	found.Announced += len(update.NLRI)
	found.Withdrawn += len(update.WithdrawnRoutes)
	found.Attributes += len(update.PathAttributes)
	for _, attribute := range update.PathAttributes {
		switch a := attribute.(type) {
		case *bgp.PathAttributeMpReachNLRI:
			found.Announced += len(a.Value)
		case *bgp.PathAttributeMpUnreachNLRI:
			found.Withdrawn += len(a.Value)
		}
	}
}

var families = map[bgp.RouteFamily]bgp.BGPAddPathMode{
	bgp.RF_IPv4_UC: bgp.BGP_ADD_PATH_NONE,
	bgp.RF_IPv6_UC: bgp.BGP_ADD_PATH_NONE,
}
