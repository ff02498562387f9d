#include "messaging/kafka/kafka_admin.hpp"

#include <algorithm>
#include <functional>

#include "base/errors.hpp"
#include "messaging/kafka/acl_binding.hpp"
#include "messaging/kafka/client_conf.hpp"
#include "messaging/kafka/client_log.hpp"
#include "messaging/kafka/topic_facts.hpp"

namespace countersign::messaging {

namespace {

using namespace kafka;
using std::chrono::milliseconds;
using std::chrono::steady_clock;

using NewTopic = std::unique_ptr<rd_kafka_NewTopic_t, Destroy<rd_kafka_NewTopic_destroy>>;
using Send = std::function<void(rd_kafka_t*, const rd_kafka_AdminOptions_t*, rd_kafka_queue_t*)>;

constexpr milliseconds between_drains{20};

[[noreturn]] void raise(const std::string& what, rd_kafka_resp_err_t error, const char* detail) {
  const auto text = what + ": " + (detail != nullptr ? detail : "") + " " + text_of(error);
  const bool ours = is_refusal(error) || error == RD_KAFKA_RESP_ERR_INVALID_PARTITIONS || error == RD_KAFKA_RESP_ERR_INVALID_CONFIG ||
                    error == RD_KAFKA_RESP_ERR_INVALID_REPLICATION_FACTOR || error == RD_KAFKA_RESP_ERR_TOPIC_EXCEPTION ||
                    error == RD_KAFKA_RESP_ERR_INVALID_REQUEST || error == RD_KAFKA_RESP_ERR_POLICY_VIOLATION ||
                    error == RD_KAFKA_RESP_ERR_SECURITY_DISABLED;
  if (ours) throw base::Misconfigured(text);
  throw base::Unavailable(text);
}

NewTopic new_topic(const TopicPlan& plan) {
  char problem[512] = {};
  NewTopic topic(rd_kafka_NewTopic_new(plan.name.c_str(), plan.partitions, plan.replicas, problem, sizeof problem));
  if (!topic) throw base::Misconfigured("topic " + plan.name + " cannot be planned so: " + problem);
  for (const auto& [name, value] : plan.config) rd_kafka_NewTopic_set_config(topic.get(), name.c_str(), value.c_str());
  return topic;
}

template <typename T>
std::vector<typename T::pointer> raw(const std::vector<T>& owners) {
  std::vector<typename T::pointer> pointers;
  for (const auto& owner : owners) pointers.push_back(owner.get());
  return pointers;
}

// True: made now; false: it was there.
bool was_created(const rd_kafka_topic_result_t* result) {
  const auto error = rd_kafka_topic_result_error(result);
  if (error == RD_KAFKA_RESP_ERR_NO_ERROR) return true;
  if (error == RD_KAFKA_RESP_ERR_TOPIC_ALREADY_EXISTS) return false;
  raise(std::string("topic ") + rd_kafka_topic_result_name(result) + " was not created", error, rd_kafka_topic_result_error_string(result));
}

TopicOutcome outcome_of(const TopicPlan& plan, bool created, std::int32_t partitions) {
  TopicOutcome outcome{plan.name, created, partitions, {}};
  if (partitions != plan.partitions) {
    outcome.mismatch = "topic " + plan.name + " has " + std::to_string(partitions) + " partitions, planned are " +
                       std::to_string(plan.partitions) + "; a change would move keys, so it is not made";
  }
  return outcome;
}

}  // namespace

struct KafkaAdmin::State {
  State(const KafkaSettings& settings, telemetry::Log* log_)
      : deadline(settings.request_deadline), log(log_), client(RD_KAFKA_PRODUCER, asker_conf(settings)) {}

  // Sends one request and waits for its answer.
  QueueEvent ask(rd_kafka_admin_op_t operation, rd_kafka_event_type_t answer, const std::string& what, const Send& send) {
    AdminOptions options(rd_kafka_AdminOptions_new(client.get(), operation));
    char problem[512] = {};
    const auto wait = static_cast<int>(2 * deadline.count());
    rd_kafka_AdminOptions_set_request_timeout(options.get(), wait, problem, sizeof problem);
    Queue queue(rd_kafka_queue_new(client.get()));
    send(client.get(), options.get(), queue.get());
    QueueEvent event(rd_kafka_queue_poll(queue.get(), wait + 1000));
    drain();
    if (!event || rd_kafka_event_type(event.get()) != answer) throw base::Unavailable(what + ": Kafka did not answer");
    if (const auto error = rd_kafka_event_error(event.get())) raise(what, error, rd_kafka_event_error_string(event.get()));
    return event;
  }

  void drain(milliseconds wait = milliseconds{0}) {
    while (const auto event = client.next_event(wait)) {
      if (rd_kafka_event_type(event.get()) == RD_KAFKA_EVENT_LOG) forward_log(log, event.get());
      wait = milliseconds{0};
    }
  }

  // The controller has answered; the brokers hear of it a moment later.
  template <typename Seen>
  void wait_until(const std::string& what, Seen seen) {
    const auto until = steady_clock::now() + 2 * deadline;
    while (!seen()) {
      if (steady_clock::now() > until) throw base::Unavailable(what + ": made, but not in force in time");
      drain(between_drains);
    }
  }

  milliseconds deadline;
  telemetry::Log* log;
  Client client;
};

KafkaAdmin::KafkaAdmin(const KafkaSettings& settings, telemetry::Log* log) : state_(std::make_unique<State>(settings, log)) {}
KafkaAdmin::~KafkaAdmin() = default;

std::vector<TopicOutcome> KafkaAdmin::create_topics(const std::vector<TopicPlan>& plans) {
  if (plans.empty()) return {};
  std::vector<NewTopic> topics;
  for (const auto& plan : plans) topics.push_back(new_topic(plan));
  auto pointers = raw(topics);
  const auto event = state_->ask(
      RD_KAFKA_ADMIN_OP_CREATETOPICS, RD_KAFKA_EVENT_CREATETOPICS_RESULT, "creating topics",
      [&](auto* client, auto* options, auto* queue) { rd_kafka_CreateTopics(client, pointers.data(), pointers.size(), options, queue); });
  std::size_t count = 0;
  const auto* results = rd_kafka_CreateTopics_result_topics(rd_kafka_event_CreateTopics_result(event.get()), &count);
  std::map<std::string, bool> created;
  for (std::size_t i = 0; i < count; ++i) created[rd_kafka_topic_result_name(results[i])] = was_created(results[i]);

  std::map<std::string, TopicFacts> known;
  state_->wait_until("creating topics", [&] {
    known = ask_topics(state_->client, state_->deadline);
    return std::all_of(plans.begin(), plans.end(), [&](const auto& plan) { return known[plan.name].led; });
  });
  std::vector<TopicOutcome> outcomes;
  for (const auto& plan : plans) outcomes.push_back(outcome_of(plan, created[plan.name], known[plan.name].partitions));
  return outcomes;
}

void KafkaAdmin::create_grants(const std::vector<Grant>& grants_wanted) {
  if (grants_wanted.empty()) return;
  std::vector<AclBinding> bindings;
  for (const auto& grant : grants_wanted) bindings.push_back(binding_of(grant));
  auto pointers = raw(bindings);
  const auto event = state_->ask(
      RD_KAFKA_ADMIN_OP_CREATEACLS, RD_KAFKA_EVENT_CREATEACLS_RESULT, "creating grants",
      [&](auto* client, auto* options, auto* queue) { rd_kafka_CreateAcls(client, pointers.data(), pointers.size(), options, queue); });
  std::size_t count = 0;
  const auto* results = rd_kafka_CreateAcls_result_acls(rd_kafka_event_CreateAcls_result(event.get()), &count);
  for (std::size_t i = 0; i < count; ++i) {
    const auto* error = rd_kafka_acl_result_error(results[i]);
    if (error != nullptr)
      raise("grant on " + grants_wanted[i].name + " was not made", rd_kafka_error_code(error), rd_kafka_error_string(error));
  }
  state_->wait_until("creating grants", [&] {
    const auto in_force = grants();
    return std::all_of(grants_wanted.begin(), grants_wanted.end(),
                       [&](const auto& grant) { return std::binary_search(in_force.begin(), in_force.end(), grant); });
  });
}

// Brokers answer this from what they enforce, not from the controller's books.
std::vector<Grant> KafkaAdmin::grants() {
  const auto filter = filter_for_all();
  const auto event =
      state_->ask(RD_KAFKA_ADMIN_OP_DESCRIBEACLS, RD_KAFKA_EVENT_DESCRIBEACLS_RESULT, "listing grants",
                  [&](auto* client, auto* options, auto* queue) { rd_kafka_DescribeAcls(client, filter.get(), options, queue); });
  std::size_t count = 0;
  const auto* bindings = rd_kafka_DescribeAcls_result_acls(rd_kafka_event_DescribeAcls_result(event.get()), &count);
  std::vector<Grant> found;
  for (std::size_t i = 0; i < count; ++i) {
    if (auto grant = grant_of(bindings[i])) found.push_back(std::move(*grant));
  }
  std::sort(found.begin(), found.end());
  return found;
}

}  // namespace countersign::messaging
