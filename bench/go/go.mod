module ingot/bench

go 1.26.0

require github.com/osrg/gobgp/v3 v3.10.0
