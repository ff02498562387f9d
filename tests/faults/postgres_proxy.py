#!/usr/bin/python3 -B
"""postgres_proxy.py PORT FILE: stands between services and PostgreSQL, and cuts, delays or swallows on request.

Writes its port to FILE and that of its control to FILE.control. A line of JSON on the control sets members and is answered with the counts:
    swallow   share of commits whose answer is dropped together with the connection, after PostgreSQL has committed
    forestall share of commits that are dropped before PostgreSQL hears of them
    cut       share of answers at which the connection is cut anywhere
    delay_ms  how long every answer takes longer
    refuse    true: new connections are closed at once
"""

import asyncio
import json
import os
import random
import sys

wish = {"swallow": 0.0, "forestall": 0.0, "cut": 0.0, "delay_ms": 0, "refuse": False}
counts = {"swallowed": 0, "forestalled": 0, "cut": 0, "refused": 0}
dice = random.Random(1)
COMMITTED = b"C\x00\x00\x00\x0bCOMMIT\x00"  # CommandComplete


def abort(*writers):
    for writer in writers:
        writer.transport.abort()


async def upward(reader, server, client):
    """What the service asks. COMMIT comes as text: in a Parse or a Query."""
    while data := await reader.read(65536):
        if b"COMMIT\x00" in data and dice.random() < wish["forestall"]:
            counts["forestalled"] += 1
            return abort(server, client)
        server.write(data)
        await server.drain()


async def downward(reader, client, server):
    """What PostgreSQL answers."""
    while data := await reader.read(65536):
        if COMMITTED in data and dice.random() < wish["swallow"]:
            counts["swallowed"] += 1
            return abort(client, server)
        if wish["cut"] and dice.random() < wish["cut"]:
            counts["cut"] += 1
            return abort(client, server)
        if wish["delay_ms"]:
            await asyncio.sleep(wish["delay_ms"] / 1000)
        client.write(data)
        await client.drain()


async def serve(client_reader, client):
    if wish["refuse"]:
        counts["refused"] += 1
        return abort(client)
    try:
        server_reader, server = await asyncio.open_connection("127.0.0.1", int(sys.argv[1]))
    except OSError:
        return abort(client)
    both = [asyncio.create_task(upward(client_reader, server, client)), asyncio.create_task(downward(server_reader, client, server))]
    try:
        await asyncio.wait(both, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in both:
            task.cancel()
        await asyncio.gather(*both, return_exceptions=True)
        abort(client, server)


async def control(reader, writer):
    while line := await reader.readline():
        wish.update(json.loads(line))
        writer.write(json.dumps(counts).encode() + b"\n")
        await writer.drain()
    writer.close()


def write_at_once(path, text):
    with open(path + ".new", "w", encoding="ascii") as file:
        file.write(text)
    os.replace(path + ".new", path)


async def main():
    listening = await asyncio.start_server(serve, "127.0.0.1", 0)
    controlling = await asyncio.start_server(control, "127.0.0.1", 0)
    write_at_once(sys.argv[2] + ".control", str(controlling.sockets[0].getsockname()[1]))
    write_at_once(sys.argv[2], str(listening.sockets[0].getsockname()[1]))
    await asyncio.gather(listening.serve_forever(), controlling.serve_forever())


if __name__ == "__main__":
    asyncio.run(main())
