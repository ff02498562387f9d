SELECT s.state, count(*) FROM endpoint_state s GROUP BY s.state
