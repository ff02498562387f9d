"use strict";
// webhooks.js sink SECRETS           a receiver of webhooks, built on npm standardwebhooks and npm svix; prints its port; GET /found says what came
// webhooks.js send SECRETS URL N     N webhooks signed by each library to URL/TENANT/webhooks/LIBRARY, and as many that were changed on the way
//
// SECRETS is a JSON file, tenant -> whsec_….

const fs = require("fs");
const http = require("http");
const { Webhook: StandardWebhook } = require("standardwebhooks");
const { Webhook: SvixWebhook } = require("svix");

const LIBRARIES = { standardwebhooks: StandardWebhook, svix: SvixWebhook };

function verifies(Library, secret, body, headers) {
  try {
    new Library(secret).verify(body, headers);
    return true;
  } catch {
    return false;
  }
}

// Tries a webhook, and the same one with a changed body, on each library.
function examine(secret, body, headers) {
  const changed = body.replace(/"type"/, '"Type"');
  return Object.entries(LIBRARIES).map(([name, Library]) => ({
    name, verified: verifies(Library, secret, body, headers), fooled: changed === body || verifies(Library, secret, changed, headers),
  }));
}

function sink(secrets) {
  const found = { received: 0, tickets: {}, libraries: Object.fromEntries(Object.keys(LIBRARIES).map((name) => [name, { verified: 0, fooled: 0 }])) };
  const take = (tenant, body, headers) => {
    found.received += 1;
    found.tickets[`${tenant}/${JSON.parse(body).data.ticket_id}`] = JSON.parse(body).type;
    for (const { name, verified, fooled } of examine(secrets[tenant], body, headers)) {
      found.libraries[name].verified += verified;
      found.libraries[name].fooled += fooled;
    }
  };
  const server = http.createServer((request, response) => {
    const parts = [];
    request.on("data", (part) => parts.push(part));
    request.on("end", () => {
      if (request.method === "GET") return response.end(JSON.stringify(found));
      take(request.url.slice(1), Buffer.concat(parts).toString("utf8"), request.headers);
      response.writeHead(204).end();
    });
  });
  server.listen(0, "127.0.0.1", () => process.stdout.write(`${server.address().port}\n`));
}

async function post(url, id, at, body, signature) {
  const headers = { "content-type": "application/json", "webhook-id": id, "webhook-timestamp": String(Math.floor(at / 1000)), "webhook-signature": signature };
  return (await fetch(url, { method: "POST", headers, body })).status;
}

async function send(secrets, url, count) {
  const said = Object.fromEntries(Object.keys(LIBRARIES).map((name) => [name, { accepted: 0, refused_when_changed: 0, sent: 0 }]));
  for (const [tenant, secret] of Object.entries(secrets)) {
    for (const [name, Library] of Object.entries(LIBRARIES)) {
      for (let number = 1; number <= count; number += 1) {
        const id = `msg_${name}_${number}`, at = Date.now(), body = JSON.stringify({ type: "ticket.resolved", data: { ticket_id: `${name}-${number}`, text: "grüß Gott" } });
        const signature = new Library(secret).sign(id, new Date(at), body);
        const address = `${url}/${tenant}/webhooks/${name}`;
        said[name].sent += 1;
        said[name].accepted += (await post(address, id, at, body, signature)) === 204;
        said[name].refused_when_changed += (await post(address, id, at, `${body} `, signature)) === 401;
      }
    }
  }
  process.stdout.write(JSON.stringify(said));
}

const [what, path, ...rest] = process.argv.slice(2);
const secrets = JSON.parse(fs.readFileSync(path, "utf8"));
if (what === "sink") sink(secrets);
else send(secrets, rest[0], Number(rest[1]));
