// A client that opens a TCP connection every 5 ms until it is told to end, and then says how many of
// them did not come about within 900 ms: less than the kernel waits before it repeats a lost SYN.
import { connect } from "node:net";

const [host, port] = process.argv.slice(2);
let begun = 0;
let failed = 0;
let open = 0;
let ending = false;

function attempt() {
  begun += 1;
  open += 1;
  const socket = connect({ host, port: Number(port) });
  const end = (isFailure) => {
    clearTimeout(timer);
    socket.removeAllListeners();
    socket.on("error", () => {});
    socket.destroy();
    open -= 1;
    if (isFailure) failed += 1;
    if (begun === 1) console.log(isFailure ? "unreachable" : "ready");
    if (ending && open === 0) report();
  };
  const timer = setTimeout(() => end(true), 900);
  socket.once("connect", () => end(false));
  socket.once("error", () => end(true));
}

function report() {
  console.log(JSON.stringify({ begun, failed }));
  process.exit(0);
}

const interval = setInterval(attempt, 5);
process.on("SIGTERM", () => {
  clearInterval(interval);
  ending = true;
  if (open === 0) report();
});
