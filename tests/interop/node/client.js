"use strict";
// client.js write KAFKA TOPIC          tickets come in as JSON on standard input: [{mode, attributes, data}]
// client.js read KAFKA GROUP SCHEMAS   {topic: {partition: last offset}} comes in; says what it read, each message judged
//
// A Node service as a company might run it: kafkajs and cloudevents, nothing else. KAFKA is a file of librdkafka's settings.

const fs = require("fs");
const { Kafka: Client, logLevel } = require("kafkajs");
const { CloudEvent, Kafka: Binding } = require("cloudevents");
const { EventJudge } = require("./event_judge.js");

const PATIENCE = 45_000; // milliseconds for reading everything

function client(path) {
  const lines = fs.readFileSync(path, "utf8").split("\n").filter((line) => line.includes("="));
  const settings = Object.fromEntries(lines.map((line) => [line.slice(0, line.indexOf("=")), line.slice(line.indexOf("=") + 1).trim()]));
  const sasl = { mechanism: "plain", username: settings["sasl.username"], password: settings["sasl.password"] };
  return new Client({ clientId: "interop", brokers: settings["bootstrap.servers"].split(","), sasl, logLevel: logLevel.ERROR });
}

function toMessage({ mode, attributes, data }) {
  const event = new CloudEvent({ ...attributes, data });
  const message = mode === "structured" ? Binding.structured(event) : Binding.binary(event);
  const value = typeof message.value === "string" ? message.value : JSON.stringify(message.value);
  // cloudevents names attributes that an event does not have, and kafkajs stumbles over their missing values.
  const headers = Object.fromEntries(Object.entries(message.headers).filter(([, text]) => text !== undefined));
  return { key: message.key, value, headers };
}

async function write(path, topic) {
  const producer = client(path).producer({ allowAutoTopicCreation: false });
  await producer.connect();
  const messages = JSON.parse(fs.readFileSync(0, "utf8")).map(toMessage);
  await producer.send({ topic, acks: -1, messages });
  await producer.disconnect();
  return { written: messages.length };
}

async function read(path, group, schemas) {
  const wanted = JSON.parse(fs.readFileSync(0, "utf8"));
  const judge = new EventJudge(schemas);
  const consumer = client(path).consumer({ groupId: group, allowAutoTopicCreation: false });
  const open = new Set(Object.entries(wanted).flatMap(([topic, ends]) => Object.keys(ends).map((partition) => `${topic}/${partition}`)));
  const read = [];
  await consumer.connect();
  await consumer.subscribe({ topics: Object.keys(wanted), fromBeginning: true });
  await new Promise((resolve, reject) => {
    const patience = setTimeout(() => reject(new Error(`nothing more came, still open: ${[...open]}`)), PATIENCE);
    const eachMessage = async ({ topic, partition, message }) => {
      if (Number(message.offset) > wanted[topic][partition]) return;
      read.push(judge.judge(topic, partition, message));
      if (Number(message.offset) === wanted[topic][partition]) open.delete(`${topic}/${partition}`);
      if (open.size === 0) resolve(clearTimeout(patience));
    };
    consumer.run({ autoCommit: false, eachMessage }).catch(reject);
  });
  await consumer.disconnect();
  return read;
}

process.env.KAFKAJS_NO_PARTITIONER_WARNING = "1";
const [what, ...rest] = process.argv.slice(2);
({ write, read })[what](...rest).then(
  (said) => process.stdout.write(JSON.stringify(said)),
  (failure) => {
    process.stderr.write(`${failure.stack}\n`);
    process.exit(1);
  },
);
