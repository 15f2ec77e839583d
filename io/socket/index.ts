export { readSocket, type ReadSocketOptions } from "./read-socket.ts";
export type { LineTimes } from "../lines/line-times.ts";
