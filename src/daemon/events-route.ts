/** `GET /_neargate/events`: the events kept, one JSON a line; with `?follow` also those that come. */
import type { IncomingMessage, ServerResponse } from "node:http";
import type { BusEvent, EventFeed } from "../loops/event-feed.ts";

export type EventsRoute = {
  match(request: IncomingMessage): boolean;
  handle(request: IncomingMessage, response: ServerResponse): Promise<void>;
};

/** Bytes that wait for a reader who does not read; then it is cut off. */
const mostWaiting = 4 * 1024 * 1024;

export function eventsRoute(feed: Pick<EventFeed, "recent" | "follow">): EventsRoute {
  return {
    match: ({ method, url }) => method === "GET" && /^\/_neargate\/events(?:\?|$)/.test(url ?? ""),
    async handle(request, response) {
      const { searchParams } = new URL(request.url ?? "/", "http://localhost");
      response.writeHead(200, { "content-type": "application/x-ndjson" });
      response.flushHeaders();
      const write = (event: BusEvent): void => {
        response.write(`${JSON.stringify(event)}\n`);
        if (response.writableLength > mostWaiting) response.destroy();
      };
      for (const event of feed.recent()) write(event);
      if (!searchParams.has("follow")) {
        response.end();
        return;
      }
      const unfollow = feed.follow(write);
      response.on("close", unfollow);
    },
  };
}
