#pragma once

// The parts that several messages share, read and written in one way.

#include <nlohmann/json_fwd.hpp>
#include <vector>

#include "contracts/member_reader.hpp"
#include "contracts/messages.hpp"

namespace countersign::contracts {

inline constexpr std::size_t free_json_depth = 8;
inline constexpr std::size_t result_depth = 16;
inline constexpr std::size_t most_steps = 20;
inline constexpr std::size_t most_effects = 500;

Resolution read_resolution(MemberReader object);
ProposedStep read_step(MemberReader object);
ProposedClose read_close(MemberReader object);
EffectSummary read_effect(MemberReader object);
std::vector<EffectSummary> read_effects(MemberReader& parent);

nlohmann::json write_part(const Resolution& resolution);
nlohmann::json write_part(const ProposedStep& step);
nlohmann::json write_part(const ProposedClose& close);
nlohmann::json write_part(const base::Money& money);
nlohmann::json write_part(const EffectSummary& effect);
nlohmann::json write_part(const std::vector<EffectSummary>& effects);

}  // namespace countersign::contracts
