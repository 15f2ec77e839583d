import { createServer, type AddressInfo } from "node:net";

/** Sends lines to whoever connects, so many a second, each with the time at which it was sent; run by `latency.ts`. */
const perSecond = Number(process.argv[2]);
const EVERY_MS = 1;

// Without noDelay the system holds small pieces back until those before are acknowledged, which takes 40 ms.
const server = createServer({ noDelay: true }, (socket) => {
  const began = performance.now();
  let sent = 0;
  const timer = setInterval(() => {
    const due = Math.floor(((performance.now() - began) / 1_000) * perSecond);
    const now = performance.timeOrigin + performance.now();
    let lines = "";
    for (; sent < due; sent++) lines += `${now} ${sent}\n`;
    socket.write(lines);
  }, EVERY_MS);
  socket.on("error", () => clearInterval(timer));
  socket.on("close", () => {
    clearInterval(timer);
    server.close();
  });
});
server.listen(0, "127.0.0.1", () => process.send!((server.address() as AddressInfo).port));
