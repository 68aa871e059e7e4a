// Only here so that a shared precompiled header has a target to belong to.
