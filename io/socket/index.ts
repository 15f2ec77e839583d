export { readSocket, type ReadSocketOptions } from "./read-socket.ts";
