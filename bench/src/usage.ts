/** What `--help` prints. */
export const USAGE = `npm run bench [-- [NAME ...] OPTIONS]

  arp         round trip of ARP requests: Ingot's responder, the kernel's own answer and a C
              responder in one run, quiet and under load; about a minute
  ndp         the same for NDP, beside the kernel's own answer, with 200 and 5,000 addresses
              announced; about a minute
  flood       50,000 ARP requests a second: how many are answered, and what CPU time that takes,
              Ingot's responder and a C responder; a minute
  takeover    5,000 IPv4 addresses announced at once: frames on the wire, and how soon the last is
              known and answers; half a minute
  bgp-decode  a stream of UPDATEs read, beside GoBGP's parser; a minute
  bgp-pack    1,000,000 routes packed into UPDATEs, and the memory they take; two minutes
  bgp-routes  100,000 and 1,000,000 routes until BIRD has them, and until it has none, beside BIRD,
              GoBGP and ExaBGP; time to Established; about ten minutes
  bgp-peers   200 sessions with a hold time of 9 s while 1,000,000 routes leave; a minute
  bfd         BFD sessions of 10, 50 and 300 ms with BIRD: gaps between packets, false downs, CPU;
              how soon a cut is found, beside BIRD and FRR; four minutes
  services    Services from creation to an address and a route in BIRD, with a real API server; two
              minutes
  failover    crashes, partitions, stops and moves of a Service's node, seen by a client every
              millisecond, in both families; 99 addresses; a flood of false hellos; over an hour
  controller  1,000 to 10,000 Services at a real API server: creation to address, starts over them, what
              is written, memory; six minutes
  allocator   allocation of 1,000, 16,000 and 64,000 addresses: time and heap; about a minute
  all         all of them (default)

All but allocator, bgp-decode and bgp-pack need Linux, iproute2, and root or a user namespace; arp,
ndp, flood, takeover and failover gcc; bgp-decode go; bgp-routes bird, gobgpd and exabgp; bgp-peers bird;
bfd bird, frr and tcpdump; services, failover and controller what
npm run setup:peers builds.
Each prints its tables and targets, and writes bench/results/NAME.json.

  --rounds N  of each BGP benchmark but bgp-pack, by default 5, and cuts of bfd, by default 10;
              fewer are sooner over
              Of failover: of each scenario, by default 100 or 20; of chaos, by default 50
  --soak-minutes N
              instead of all that, bfd holds 100 sessions of 50 ms for so long
  --scenario NAME,...
              of failover: crash, crash-without-api, cut, partition, kill, stop, move, evacuate,
              spread, hostile; of controller: burst, start, freed, size, and chaos, which runs only when
              it is named
  --nodes N   of failover: in one cluster of so many nodes, 2 to 20, instead of 3 and 9
  --family F  of failover: ipv4 or ipv6 alone
  --hello-interval MS
              of failover: 10 to 1000, in one cluster
  --window S  of failover: seconds that it looks on after each step, 1 to 60; by default 1.5
  --driver PROGRAM
              of failover and services: another product in the same lab. It is run as
                PROGRAM install              beside the API server: what the cluster is to know
                PROGRAM controller           beside the API server, until it gets SIGTERM
                PROGRAM speaker NODE         on a node, until it gets SIGTERM or SIGKILL (so: exec)
                PROGRAM ready NODE           on a node: fails until the speaker there serves
                PROGRAM move SERVICE NODE    beside the API server: NAMESPACE/NAME; and so are
                PROGRAM evacuate NODE        that the node is to have nothing,
                PROGRAM restore NODE         and that it may have something again
              with KUBECONFIG, NAMESPACE, POOL (its addresses, to be announced on layer 2) and
              DIRECTORY (for its files) in its environment, and kubectl on its path. What it cannot
              do fails, and ends the scenarios; choose others then. bench/drivers has two.
              Of services it runs the first four alone, and is given a router for its peer
              Of controller: another controller in the same lab. It is run, beside the API server, as
                PROGRAM install              what the cluster is to know
                PROGRAM pool RANGE           addresses are to come from this range alone, from now on
                PROGRAM controller           until it gets SIGTERM or SIGKILL (so: exec)
              with the same environment; POOL is what it has until then
  --json      print the reports as one JSON document instead (npm run -s bench -- --json)
  --help      this text
`;
