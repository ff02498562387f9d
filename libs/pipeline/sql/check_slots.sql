SELECT direction, slot, topic FROM topic_slot ORDER BY direction, slot
