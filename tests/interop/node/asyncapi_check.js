"use strict";
// asyncapi_check.js FILE: what the official AsyncAPI parser says about the document and everything that it refers to.

const { Parser, fromFile } = require("@asyncapi/parser");

const ERROR = 0;

async function main(path) {
  const parser = new Parser();
  const { document, diagnostics } = await fromFile(parser, path).parse();
  const errors = diagnostics.filter((one) => one.severity === ERROR);
  const topics = {};
  for (const channel of document ? document.channels().all() : []) {
    topics[channel.address()] = channel.messages().all().map((message) => message.name());
  }
  const about = document ? { version: document.version(), operations: document.operations().all().length, messages: document.components().messages().all().length } : {};
  return { errors: errors.map((one) => `${one.path.join("/")}: ${one.message}`), warnings: diagnostics.length - errors.length, topics, ...about };
}

main(process.argv[2]).then((said) => process.stdout.write(JSON.stringify(said)));
